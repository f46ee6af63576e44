"""The evidence of a case judged, with the extrapolated share computed from its model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prioritering.decision import (
    DocumentationJudgement,
    ExtrapolatedGain,
    extrapolated_share,
    judge_documentation,
)
from prioritering.dossier.build import BuiltCase, build_duration
from prioritering.dossier.case_model import CaseModel, drawn_again
from prioritering.dossier.faults import placed
from prioritering.dossier.load import Case
from prioritering.dossier.notes import noted
from prioritering.errors import CaseError

if TYPE_CHECKING:
    from prioritering.models import Duration
    from prioritering.outcomes import Outcomes


_ABOUT = "model cut at the follow-up: "


@dataclass(frozen=True)
class Documentation:
    """What ``[documentation]`` of a case gives.

    Attributes
    ----------
    judgement
        Domain by domain, for :func:`prioritering.assess`.
    extrapolated
        The gain within and after the follow-up; ``None`` when the case states no follow-up.
    """

    judgement: DocumentationJudgement
    extrapolated: ExtrapolatedGain | None


def judge_case(
    case: Case, built: BuiltCase, psa: Outcomes | None, *, notes: list[str]
) -> Documentation | None:
    """Judge the documentation of a case; ``None`` without the section.

    The share of the QALY gain after the follow-up comes from the same model and draws with
    the follow-up as horizon, and is not judged without draws. What that shorter run warns of is
    added to ``notes``, as its own.

    Raises
    ------
    CaseError, ResultError, UnknownNameError, GuidelineError, ModelError
        Answers that do not exist, or a follow-up that is no part of the horizon.
    """
    spec = case.spec.documentation
    if spec is None:
        return None
    where = case.where("documentation")
    gain = None
    if spec.follow_up is not None:
        with placed(case.where("documentation", "follow_up")):
            shorter = _within(CaseModel(case, built), build_duration(spec.follow_up))
            if psa is not None:
                with noted(notes, about=_ABOUT):
                    gain = _extrapolated(case, shorter, psa)
    stated: dict[str, Any] = spec.model_dump(exclude={"follow_up"}, exclude_none=True)
    if spec.follow_up is not None:
        stated |= {"follow_up": shorter.built.model.horizon, "horizon": built.model.horizon}
    with placed(where):
        return Documentation(
            judge_documentation(built.rules, extrapolated_share=gain, **stated), gain
        )


def _within(model: CaseModel, follow_up: Duration) -> CaseModel:
    """Return the model that stops at the follow-up."""
    horizon = model.built.model.horizon
    if not 0 < follow_up.years < horizon.years:
        raise CaseError(
            "the follow-up is no part of the horizon",
            expected=f"more than 0 and less than {horizon}",
            found=str(follow_up),
        )
    return model.changed(horizon=follow_up)


def _extrapolated(case: Case, shorter: CaseModel, psa: Outcomes) -> ExtrapolatedGain:
    within = shorter.run(drawn_again(shorter.built.parameters, psa))
    return extrapolated_share(psa, within, reference=case.reference, option=case.option)
