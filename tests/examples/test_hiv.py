"""Zidovudine with or without lamivudine: the published figures to the last digits."""

from __future__ import annotations

import numpy as np
import pytest

from prioritering.dossier import CaseRun, run_case

from .conftest import REFERENCE, Changed, run_example

HIV = REFERENCE["hiv"]
NAMES = ["monotherapy", "combination"]


@pytest.fixture(scope="module")
def run() -> CaseRun:
    return run_example("hiv-zidovudine")


def test_costs_life_years_and_icer_are_the_published(run: CaseRun) -> None:
    rows = run.results["strategies"]
    assert [row["name"] for row in rows] == NAMES
    end = HIV["totals_by_counting_method"]["end"]
    np.testing.assert_allclose([r["cost"] for r in rows], end["cost_total"], rtol=1e-14)
    np.testing.assert_allclose([r["ly"] for r in rows], end["life_year"], rtol=1e-14)
    np.testing.assert_array_equal([r["qaly"] for r in rows], [r["ly"] for r in rows])
    # as printed in the textbook
    assert [round(r["cost"], 4) for r in rows] == [44663.4536, 50601.6513]
    assert [round(r["ly"], 5) for r in rows] == [7.99121, 8.93739]
    (row,) = [r for r in run.results["comparison"] if r["strategy"] == "combination"]
    assert row["icer"] == pytest.approx(HIV["icer_per_life_year"], rel=1e-12)
    assert round(row["icer"], 3) == 6275.956
    assert run.results["pairwise"][0]["cost_per_life_year"] == pytest.approx(row["icer"], rel=1e-14)


def test_costs_by_category_and_trace_are_the_published(run: CaseRun) -> None:
    end = HIV["totals_by_counting_method"]["end"]
    drugs, medical, community = run.base.cost_by_category_undiscounted[:, :, 0]
    np.testing.assert_allclose(drugs, end["cost_drugs"], rtol=1e-14)
    np.testing.assert_allclose(medical + community, end["cost_health"], rtol=1e-14)
    assert run.base.trace is not None
    for k, state in enumerate("ABCD"):
        np.testing.assert_allclose(
            run.base.trace.occupancy[1, 0, 1:6, k], HIV["trace_combination"][state], rtol=1e-13
        )


@pytest.mark.parametrize(
    ("rule", "method"), [("none-start", "beginning"), ("half-cycle", "life-table")]
)
def test_other_ways_of_counting_are_the_published_too(
    changed: Changed, rule: str, method: str
) -> None:
    case = changed("hiv-zidovudine", ('"none-end"', f'"{rule}"'))
    run = run_case(case, draws=0)
    expected = HIV["totals_by_counting_method"][method]
    np.testing.assert_allclose(run.base.cost[:, 0], expected["cost_total"], rtol=1e-13)
    np.testing.assert_allclose(run.base.life_years[:, 0], expected["life_year"], rtol=1e-13)


def test_draws_agree_with_another_programs_within_monte_carlo_error(run: CaseRun) -> None:
    assert run.psa is not None
    n, expected = HIV["hesim_psa"]["n"], HIV["hesim_psa"]["mean_life_years"]
    mean, sd = run.psa.life_years.mean(axis=1), run.psa.life_years.std(axis=1, ddof=1)
    error = sd * np.sqrt(1 / run.psa.n_draws + 1 / n)
    assert (np.abs(mean - expected) < 4 * error).all()


def test_what_is_assumed_and_skipped_is_said(run: CaseRun) -> None:
    assert run.severity is None
    assert "no Norwegian shortfall" in str(run.results["severity_skipped"])
    assert run.results["currency"] == "GBP"
    what = [a.what for a in run.assumptions]
    assert what[0].startswith("Utility 1 in every living state")
    assert any("20000 GBP per QALY" in text for text in what)
    assert run.notes == ()
