"""Mini-HTA of a hospital or municipality: a form with its numbers filled in, the rest as asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

from prioritering.decision.budget.impact import BudgetImpact
from prioritering.decision.budget.personnel import Personnel
from prioritering.decision.routes.devices import DeviceCost
from prioritering.decision.routes.small_groups import SmallGroup
from prioritering.decision.secrecy import secrecy
from prioritering.decision.uncertainty.result import Decision
from prioritering.errors import ResultError, unknown_name
from prioritering.frozen import Frozen
from prioritering.guidelines import Label
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

Setting = Literal["hospital", "municipality"]
Origin = Literal["stated", "from results", "unanswered"]

SECTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "method": ("what_is_it", "compared_with", "approved", "who_proposes"),
        "patients": ("who", "how_many", "severity"),
        "effect": ("evidence", "gain", "uncertainty"),
        "safety": ("side_effects", "risk_of_use"),
        "ethics": ("ethical", "equal_access"),
        "organisation": ("staff", "training", "premises", "other_services"),
        "costs": ("per_patient", "investment", "budget", "cost_per_qaly", "financing"),
        "conclusion": ("open_questions", "conflicts"),
    }
)
"""Sections of the form and the keys of their questions, in order. The selection is this package's;
it follows the headings of the Norwegian mini-HTA form."""

QUESTIONS: tuple[str, ...] = tuple(key for keys in SECTIONS.values() for key in keys)

Answer = str | Label


@dataclass(frozen=True, repr=False, eq=False)
class MiniHta(Frozen, Shown):
    """A form: answers as stated, numbers from results, and what nobody has answered.

    Attributes
    ----------
    setting
        ``"hospital"`` or ``"municipality"``.
    title
        What the form is about.
    answers
        Question -> what was stated.
    decision, device, small_group, budget, personnel
        Results whose numbers fill in their questions; ``None`` where there are none.
    """

    setting: Setting
    title: str
    answers: Mapping[str, Answer]
    decision: Decision | None
    device: DeviceCost | None
    small_group: SmallGroup | None
    budget: BudgetImpact | None
    personnel: Personnel | None

    @property
    def provenance(self) -> dict[str, Any]:
        """What stands behind each result, and whether any rests on a secret price."""
        results = {
            "decision": self.decision,
            "device": self.device,
            "small_group": self.small_group,
            "budget": self.budget,
            "personnel": self.personnel,
        }
        found = {name: result.provenance for name, result in results.items() if result is not None}
        return {**found, **secrecy(*found.values())}

    @property
    def origins(self) -> dict[str, tuple[Origin, ...]]:
        """Question -> where its answer comes from; statement and results may both stand."""
        filled = {key for key, source in self._filled().items() if source is not None}
        found: dict[str, tuple[Origin, ...]] = {}
        for key in QUESTIONS:
            sources: list[Origin] = ["stated"] if key in self.answers else []
            sources += ["from results"] if key in filled else []
            found[key] = tuple(sources) or ("unanswered",)
        return found

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Questions nobody has answered, in the order of the form."""
        return tuple(key for key, origin in self.origins.items() if origin == ("unanswered",))

    def to_frame(self) -> pd.DataFrame:
        """One row per question: section, question, origin, answer as stated in English."""
        import pandas as pd

        rows = []
        for section, keys in SECTIONS.items():
            for key in keys:
                answer = self.answers.get(key)
                text = answer.en if isinstance(answer, Label) else answer
                rows.append((section, key, " and ".join(self.origins[key]), text))
        return pd.DataFrame(rows, columns=["section", "question", "origin", "answer"])

    def table(self, language: str = "en") -> pd.DataFrame:
        """Every question with its answer, unanswered ones as unanswered."""
        from prioritering.report.tables.mini_hta import mini_hta_table

        return mini_hta_table(self, language=language)

    def text(self, language: str = "en") -> str:
        """Write the form as plain text, section by section."""
        from prioritering.report.tables.mini_hta import mini_hta_text

        return mini_hta_text(self, language=language)

    def _filled(self) -> dict[str, object | None]:
        """Questions that results answer, and the result that does."""
        return {
            "compared_with": self.decision,
            "severity": self.decision,
            "gain": self.decision,
            "uncertainty": self.decision,
            "per_patient": self.device or self.decision,
            "cost_per_qaly": self.decision,
            "investment": self.device,
            "how_many": _stated_patients(self.small_group),
            "budget": self.budget,
            "staff": self.personnel,
        }

    def __repr__(self) -> str:
        answered = len(QUESTIONS) - len(self.unanswered)
        return f"MiniHta({self.title!r}: {answered} of {len(QUESTIONS)} questions answered)"


def mini_hta(
    title: str,
    answers: Mapping[str, Answer],
    *,
    setting: Setting,
    decision: Decision | None = None,
    device: DeviceCost | None = None,
    small_group: SmallGroup | None = None,
    budget: BudgetImpact | None = None,
    personnel: Personnel | None = None,
) -> MiniHta:
    """Fill in a mini-HTA with what is known; the rest is listed as unanswered.

    Parameters
    ----------
    title
        What the form is about.
    answers
        Question -> text, or a :class:`~prioritering.guidelines.Label` in both languages. The
        keys are those of :data:`SECTIONS`.
    setting
        ``"hospital"`` or ``"municipality"``; it decides which other services are asked about.
    decision, device, small_group, budget, personnel
        Results that fill in severity, effect, uncertainty, costs, budget and staff hours.

    Raises
    ------
    UnknownNameError
        A question or setting that does not exist.
    ResultError
        No title, an answer without words, or results of other strategies than the decision's.

    Examples
    --------
    >>> mini_hta("Laser", {"who": "Adults with glaucoma"}, setting="hospital")
    MiniHta('Laser': 1 of 25 questions answered)
    """
    if setting not in get_args(Setting):
        raise unknown_name("setting", setting, get_args(Setting))
    if not isinstance(title, str) or not title.strip():
        raise ResultError("no title", expected="what the form is about", found=repr(title))
    for key, answer in answers.items():
        if key not in QUESTIONS:
            raise unknown_name("question", key, QUESTIONS)
        if not isinstance(answer, str | Label) or not str(getattr(answer, "en", answer)).strip():
            raise ResultError(
                "an answer without words",
                expected="text, or a Label; leave the question out if it has no answer",
                found=repr(answer),
                where={"question": repr(key)},
            )
    _check_pairs(decision, budget, personnel, small_group)
    return MiniHta(setting, title, dict(answers), decision, device, small_group, budget, personnel)


def _check_pairs(*results: Decision | BudgetImpact | Personnel | SmallGroup | None) -> None:
    """Refuse results that compare different strategies."""
    pairs = [(r.reference, r.option) for r in results if r is not None]
    for pair in pairs:
        if pair != pairs[0]:
            raise ResultError(
                "results of different strategies in one form",
                expected="{1!r} against {0!r}".format(*pairs[0]),
                found="{1!r} against {0!r}".format(*pair),
            )


def _stated_patients(group: SmallGroup | None) -> SmallGroup | None:
    return None if group is None or group["in_country"].value is None else group
