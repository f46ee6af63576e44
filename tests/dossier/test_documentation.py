"""The documentation of a case: its extrapolated share, and the judgement it makes."""

from __future__ import annotations

import numpy as np
import pytest

from prioritering.dossier import (
    CaseRun,
    run_case,
)
from prioritering.errors import PrioriteringError

from .sensitivity_case import ASKED, Load, run_asked, sections


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> CaseRun:
    return run_asked(tmp_path_factory)


def test_the_extrapolated_share_is_that_of_the_model_cut_short(run: CaseRun, load: Load) -> None:
    documentation = run.documentation
    assert documentation is not None
    assert documentation.extrapolated is not None
    shorter = run_case(load(ASKED, ("horizon = { years = 20 }", "horizon = { years = 5 }"),
                            ("follow_up = { years = 5 }\n", "")))  # fmt: skip
    assert run.psa is not None
    assert shorter.psa is not None
    whole, within = (np.diff(x.qaly, axis=0)[0].mean() for x in (run.psa, shorter.psa))
    share = documentation.extrapolated.qaly.share
    assert share == pytest.approx(1 - within / whole, rel=1e-10)
    domains = {d.key: d for d in documentation.judgement.domains}
    assert domains["extrapolated_share"].share == share
    assert domains["follow_up"].share == pytest.approx(0.25)
    assert domains["median"].note == "followed for five years"
    assert set(documentation.judgement.not_judged) == {"surrogate", "comparator"}


def test_the_judgement_is_part_of_the_decision(run: CaseRun, load: Load) -> None:
    assert run.decision is not None
    assert run.documentation is not None
    assert run.decision.documentation is not None
    assert run.decision.documentation.detail is run.documentation.judgement
    written = run.results["decision"]["documentation"]
    assert written["judgement"] == run.documentation.judgement.to_dict()
    plain = run_case(load())
    assert plain.documentation is None
    assert plain.decision is not None
    assert plain.decision.documentation is None


def test_without_follow_up_or_draws_the_share_is_not_judged(load: Load) -> None:
    none = run_case(load(sections(("follow_up = { years = 5 }\n", "")))).documentation
    assert none is not None
    assert none.extrapolated is None
    assert {"follow_up", "extrapolated_share"} <= set(none.judgement.not_judged)
    base = run_case(load(ASKED), draws=0).documentation
    assert base is not None
    assert "extrapolated_share" in base.judgement.not_judged


def test_a_follow_up_that_cuts_a_cycle_is_refused_in_its_place(load: Load) -> None:
    with pytest.raises(
        PrioriteringError, match=r"whole number of .*documentation\.follow_up, line"
    ):
        run_case(load(sections(("{ years = 5 }", "{ months = 7 }"))))
