"""Sick-Sicker: the published digits under the published rule, and the right ones."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import simpson

from prioritering.dossier import CaseRun, build_case, find_case, load_case, run_case
from prioritering.parameters import Draws

from .conftest import REFERENCE, Changed, run_example

SICK = REFERENCE["sick_sicker"]
NAMES = ["Standard of care", "Strategy A", "Strategy B", "Strategy AB"]


@pytest.fixture(scope="module")
def run() -> CaseRun:
    return run_example("sick-sicker")


def totals(run: CaseRun) -> dict[str, dict[str, float]]:
    names = {
        "cost": run.base.cost,
        "qaly": run.base.qaly,
        "life_years_undiscounted": run.base.life_years_undiscounted,
    }
    return {
        key: dict(zip(run.base.strategies, values[:, 0].tolist(), strict=True))
        for key, values in names.items()
    }


def test_the_published_digits(run: CaseRun) -> None:
    assert list(run.base.strategies) == NAMES
    for key, expected in SICK["variants"]["Simpson1/3"].items():
        assert totals(run)[key] == pytest.approx(expected, rel=1e-13)
    printed = [(round(r["cost"]), round(r["qaly"], 3)) for r in run.results["strategies"]]
    # Alarid-Escudero et al. 2023
    assert printed == [(151580, 20.711), (284805, 21.499), (259100, 22.184), (378875, 23.137)]


def test_the_published_incremental_analysis(run: CaseRun) -> None:
    rows = {row["strategy"]: row for row in run.results["comparison"]}
    table = SICK["cea_table"]
    for i, name in enumerate(table["Strategy"]):
        row = rows[name]
        assert (row["status"] == "dominated") == (table["Status"][i] == "D")
        for mine, theirs in (
            ("incremental_cost", "Inc_Cost"),
            ("incremental_qaly", "Inc_Effect"),
            ("icer", "ICER"),
        ):
            if table[theirs][i] is None:
                assert row[mine] is None
            else:
                assert row[mine] == pytest.approx(table[theirs][i], rel=1e-11)
    assert rows["Strategy A"]["compared_with"] == ["Strategy B"]
    assert round(rows["Strategy B"]["icer"]) == 72988
    assert round(rows["Strategy AB"]["icer"]) == 125764


def test_the_right_digits_under_half_cycle_and_simpson(changed: Changed) -> None:
    right = SICK["variants"]["half-cycle"]
    half = run_case(changed("sick-sicker", ('"simpson-misindexed"', '"half-cycle"')), draws=0)
    for key, expected in right.items():
        assert totals(half)[key] == pytest.approx(expected, rel=1e-13)
    assert round(totals(half)["qaly"]["Standard of care"], 3) == 21.038
    text = (half.case.folder / "case.toml").read_text("utf-8")
    (half.case.folder / "case.toml").write_text(
        text.replace('cycle_correction = "half-cycle"', 'cycle_correction = "simpson"', 1), "utf-8"
    )
    textbook = run_case(load_case(half.case.folder), draws=0)
    for key, expected in by_hand(textbook).items():
        assert totals(textbook)[key] == pytest.approx(expected, rel=1e-13)
    for name in NAMES:
        published = SICK["variants"]["Simpson1/3"]["qaly"][name]
        assert abs(totals(textbook)["qaly"][name] - published) > 0.3


def by_hand(run: CaseRun) -> dict[str, dict[str, float]]:
    """Simpson's rule on the trace: thirds over the first 72 cycles, 3/8 over the last three."""
    p, trace = run.parameters.expected(), run.base.trace
    assert trace is not None
    found: dict[str, dict[str, float]] = {"cost": {}, "qaly": {}, "life_years_undiscounted": {}}
    factor = 1.03 ** -np.arange(76.0)
    for s, name in enumerate(NAMES):
        on_a, on_b = name in ("Strategy A", "Strategy AB"), name in ("Strategy B", "Strategy AB")
        treatment = p.c_trtA[0] * on_a + p.c_trtB[0] * on_b
        rewards = {
            "cost": [p.c_H[0], p.c_S1[0] + treatment, p.c_S2[0] + treatment, 0.0],
            "qaly": [p.u_H[0], p.u_trtA[0] if on_a else p.u_S1[0], p.u_S2[0], 0.0],
            "life_years_undiscounted": [1.0, 1.0, 1.0, 0.0],
        }
        for key, by_state in rewards.items():
            value = trace.occupancy[s, 0] @ by_state
            value = value if key.endswith("undiscounted") else value * factor
            last = 3 / 8 * (value[72] + 3 * value[73] + 3 * value[74] + value[75])
            found[key][name] = float(simpson(value[:73], dx=1.0) + last)
    return found


def test_the_published_draws_give_the_published_outcomes() -> None:
    built = build_case(load_case(find_case("sick-sicker")))
    rows = SICK["psa_rows"]
    columns = {"hr_trtB": "hr_S1S2_trtB"}
    draws = Draws.from_arrays(
        {name: [row[columns.get(name, name)] for row in rows] for name in built.parameters}
    )
    out = built.model.run(draws, built.rules, discounting=built.discounting)
    for i, name in enumerate(("SoC", "A", "B", "AB")):
        np.testing.assert_allclose(out.cost[i], [r[f"cost_{name}"] for r in rows], rtol=1e-12)
        np.testing.assert_allclose(out.qaly[i], [r[f"qaly_{name}"] for r in rows], rtol=1e-12)


# Distributions of the tutorial's probabilistic analysis: mean and standard deviation in closed form
GAMMA = {
    "r_HD": (20, 1 / 10000),
    "r_HS1": (30, 1 / 200),
    "r_S1H": (60, 1 / 120),
    "r_S1S2": (84, 1 / 800),
    "c_H": (100, 20),
    "c_S1": (177.8, 22.5),
    "c_S2": (225, 66.7),
    "c_trtA": (73.5, 163.3),
    "c_trtB": (86.2, 150.8),
}
LOGNORMAL = {"hr_S1": (3, 0.01), "hr_S2": (10, 0.02), "hr_trtB": (0.6, 0.02)}
BETA = {"u_H": (200, 3), "u_S1": (130, 45), "u_S2": (230, 230), "u_trtA": (300, 15)}


def test_the_distributions_are_the_tutorials(run: CaseRun) -> None:
    expected = {k: (a * s, math.sqrt(a) * s) for k, (a, s) in GAMMA.items()}
    for name, (median, sdlog) in LOGNORMAL.items():
        mean = median * math.exp(sdlog**2 / 2)
        expected[name] = mean, mean * math.sqrt(math.expm1(sdlog**2))
    for name, (a, b) in BETA.items():
        expected[name] = a / (a + b), math.sqrt(a * b / (a + b + 1)) / (a + b)
    assert set(expected) == set(run.parameters)
    for name, moments in expected.items():
        distribution = run.parameters[name].distribution
        assert (distribution.mean, distribution.sd) == pytest.approx(moments, rel=1e-12)


def test_everything_assumed_is_said(run: CaseRun) -> None:
    assert any("mis-indexed Simpson" in a.what for a in run.assumptions)
    assert run.results["provenance"]["cycle_correction"] == "simpson-misindexed"
    assert run.severity is None
    assert run.results["psa"]["wtp"] == 100_000
