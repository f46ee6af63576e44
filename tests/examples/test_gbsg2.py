"""Tamoxifen on the GBSG-2 data: inputs against fits and patients, results against a twin."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from scipy import stats

from prioritering.dossier import CaseRun, find_case, run_case
from prioritering.errors import CurveError

from .conftest import REFERENCE, Changed, run_example

GBSG2 = REFERENCE["gbsg2"]
ARMS = {"no tamoxifen": "control", "tamoxifen": "tamoxifen"}
CURVES = [("rfs", "control"), ("rfs", "tamoxifen"), ("os", "control"), ("os", "tamoxifen")]
CYCLES = 47 * 12


@pytest.fixture(scope="module")
def run() -> CaseRun:
    return run_example("gbsg2-tamoxifen")


@pytest.fixture(scope="module")
def patients() -> dict[str, np.ndarray]:
    with (find_case("gbsg2-tamoxifen") / "patients.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([row[key] for row in rows]) for key in rows[0]}


# Inputs


@pytest.mark.parametrize(("endpoint", "arm"), CURVES)
def test_the_case_fits_what_flexsurv_fits(run: CaseRun, endpoint: str, arm: str) -> None:
    fit = GBSG2["fits"][f"{endpoint} {arm}"]
    distribution: Any = run.parameters[f"{endpoint}_{arm}"].distribution
    assert distribution.names == ("meanlog", "log_sdlog")
    # flexsurv stops about 1e-8 short of the maximum, and differences its Hessian
    np.testing.assert_allclose(distribution.means, list(fit["optim_scale"].values()), atol=2e-8)
    np.testing.assert_allclose(distribution.covariance, fit["vcov"], rtol=2e-6)
    meanlog, log_sdlog = distribution.means
    curve = stats.lognorm(np.exp(log_sdlog), scale=np.exp(meanlog))
    np.testing.assert_allclose(curve.sf(GBSG2["years"]), fit["survival"], rtol=1e-7)


@pytest.mark.parametrize(("endpoint", "arm"), CURVES)
def test_the_fits_belong_to_the_patients(
    run: CaseRun, patients: Mapping[str, np.ndarray], endpoint: str, arm: str
) -> None:
    fit = GBSG2["fits"][f"{endpoint} {arm}"]
    time, event = {
        "rfs": ("recurrence_free_days", "recurrence"),
        "os": ("survival_days", "death"),
    }[endpoint]
    mine = np.array([ARMS[s] == arm for s in patients["strategy"]])
    years, seen = patients[time][mine].astype(float) / 365.25, patients[event][mine] == "1"
    assert (mine.sum(), seen.sum()) == (fit["n"], fit["events"])
    value: Any = run.parameters[f"{endpoint}_{arm}"].value
    curve = stats.lognorm(np.exp(value["log_sdlog"]), scale=np.exp(value["meanlog"]))
    likelihood = curve.logpdf(years[seen]).sum() + curve.logsf(years[~seen]).sum()
    assert likelihood == pytest.approx(fit["loglik"], rel=1e-12)


def test_the_patients_are_all_there_and_53_on_average(patients: Mapping[str, np.ndarray]) -> None:
    assert patients["patient"].size == 686
    assert round(patients["age"].astype(float).mean()) == 53
    after = patients["postmenopausal"] == "1"
    age = patients["age"].astype(float)
    assert age[after].mean() > 55 > 50 > age[~after].mean()


def test_what_has_no_source_is_an_assumption(run: CaseRun) -> None:
    for name, parameter in run.parameters.items():
        assert parameter.source or parameter.assumption, name
    assumed = {name for name, p in run.parameters.items() if p.assumption}
    assert assumed == {
        "stopping",
        "cost_tamoxifen",
        "consultations",
        "cost_recurrence",
        "u_free",
        "u_recurrence",
    }
    told = " ".join(a.what for a in run.assumptions)
    for name in assumed:
        assert f"({name})" in told
    assert set(run.parameters.price_years().values()) == {2025}
    # consumer prices, 2015 = 100: 133.633 (2024), 137.70 (2025)
    assert run.parameters["drg_point"].value == pytest.approx(52_248 * 137.70 / 133.633, rel=1e-12)


# Results against plain NumPy, one draw at a time


def twin(run: CaseRun, p: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Costs, QALYs and life years of both strategies from numbers ``p``."""
    t = np.arange(CYCLES + 1) / 12
    step = np.diff(-np.log(run.rules.life_tables["female"].survival(53, t)))
    factor = np.exp(-np.log(1.04) * np.minimum(t, 40) - np.log(1.03) * np.maximum(t - 40, 0))
    norm = np.array([_norm(age) for age in 53 + t[:-1]]) / 0.870
    found = {}
    for strategy, arm in ARMS.items():
        free, alive = (_floored(p[f"{e}_{arm}"], t, step) for e in ("rfs", "os"))
        free = np.minimum(free, alive)
        years = {"free": free, "ill": alive - free, "alive": alive}
        on = np.minimum(_floored(p[f"rfs_{arm}"], t, step) * np.exp(-p["stopping"] * t), alive)
        time = {k: 0.5 / 12 * (factor[:-1] * v[:-1] + factor[1:] * v[1:]) for k, v in years.items()}
        drug = 0.5 / 12 * (factor[:-1] * on[:-1] + factor[1:] * on[1:])[:24]
        consultation = p["drg_point"] * p["consultation_weight"] * p["consultations"]
        found[strategy] = {
            "cost": time["free"].sum() * consultation
            + time["ill"].sum() * p["cost_recurrence"]
            + drug.sum() * p["cost_tamoxifen"] * (strategy == "tamoxifen"),
            "qaly": (norm * (p["u_free"] * time["free"] + p["u_recurrence"] * time["ill"])).sum(),
            "ly": time["alive"].sum(),
        }
    return found


def _floored(p: Mapping[str, float], t: np.ndarray, floor: np.ndarray) -> np.ndarray:
    curve = stats.lognorm(np.exp(p["log_sdlog"]), scale=np.exp(p["meanlog"]))
    hazard = np.maximum(np.diff(-curve.logsf(t)), floor)
    return np.exp(-np.concatenate([[0.0], np.cumsum(hazard)]))


def _norm(age: float) -> float:
    bands = {40: 0.853, 50: 0.870, 60: 0.885, 70: 0.859, 80: 0.811}
    return bands[max(start for start in bands if start <= age + 1e-9)]


def test_the_base_case_agrees_with_a_numpy_twin(run: CaseRun) -> None:
    expected = twin(run, {name: p.value for name, p in run.parameters.items()})
    for row in run.results["strategies"]:
        for key, value in expected[row["name"]].items():
            assert row[key] == pytest.approx(value, rel=1e-11), (row["name"], key)


def test_draws_agree_with_a_numpy_twin(run: CaseRun) -> None:
    assert run.psa is not None
    draws = run.parameters.sample(10_000, seed=1)
    crossed = np.flatnonzero(run.psa.diagnostics["crossings"].sum(axis=0))[:2]
    for d in (0, 1, 9_999, *crossed.tolist()):
        p = {
            name: {k: v[d] for k, v in value.items()} if isinstance(value, Mapping) else value[d]
            for name, value in draws.items()
        }
        for i, (strategy, expected) in enumerate(twin(run, p).items()):
            assert run.psa.strategies[i] == strategy
            assert run.psa.cost[i, d] == pytest.approx(expected["cost"], rel=1e-10)
            assert run.psa.qaly[i, d] == pytest.approx(expected["qaly"], rel=1e-10)
            assert run.psa.life_years[i, d] == pytest.approx(expected["ly"], rel=1e-10)


def test_crossings_are_counted_and_capped(run: CaseRun) -> None:
    assert run.psa is not None
    assert run.base.diagnostics["crossings"].sum() == 0
    crossing = (run.psa.diagnostics["crossings"] > 0).sum(axis=1)
    assert run.results["psa"]["diagnostics"]["crossings"] == dict(
        zip(run.psa.strategies, crossing.tolist(), strict=True)
    )
    assert 0 < crossing[0] < crossing[1] < 2_000
    assert any("capped at the outer curve" in note for note in run.notes)
    assert run.psa.state_years is not None
    assert run.psa.state_years.min() >= 0


def test_the_chain_of_results(run: CaseRun) -> None:
    r = run.results
    severity = r["severity"]
    assert severity["qalys_population"] == 27.2  # printed table, age 53
    assert severity["absolute_shortfall"] == round(27.2 - severity["qalys_prognosis"], 2) == 18.24
    assert (severity["severity_class"], severity["wtp"]) == (5, 715_000)
    assert r["psa"]["n_draws"] == 10_000
    assert r["psa"]["severity"]["severity_class"] == 5
    assert 0.95 < r["psa"]["probability_cost_effective"] < 0.99
    assert r["decision"]["scenario"] == 1
    assert r["decision"]["indices"]["decision"]["level"] == "low"
    assert r["decision"]["indices"]["documentation"]["level"] == "high"
    rows = {row["strategy"]: row for row in r["comparison"]}
    assert rows["no tamoxifen"]["status"] == "dominated"
    assert rows["tamoxifen"]["icer"] is None
    readme = (find_case("gbsg2-tamoxifen") / "README.md").read_text("utf-8")
    for row in r["strategies"]:
        shown = f"| {row['name']} | {row['cost']:,.0f} | {row['qaly']:.3f} | {row['ly']:.3f} |"
        assert shown.replace(",", " ") in readme


def test_curves_that_may_not_cross_are_refused(changed: Changed) -> None:
    with pytest.raises(CurveError, match="'recurrence-free' at or below 'overall'"):
        run_case(changed("gbsg2-tamoxifen", ('crossing = "cap"', 'crossing = "raise"')))


def test_the_follow_up_is_the_median_by_reverse_kaplan_meier(
    run: CaseRun, patients: Mapping[str, np.ndarray]
) -> None:
    """Censoring is the event; who died at a time is no longer at risk of being censored at it."""
    days, died = patients["survival_days"].astype(float), patients["death"].astype(int)
    followed = 1.0
    for day in np.unique(days[died == 0]):
        at_risk = (days > day).sum() + ((days == day) & (died == 0)).sum()
        followed *= 1 - ((days == day) & (died == 0)).sum() / at_risk
        if followed <= 0.5:
            break
    assert day == 1629
    stated = run.case.spec.documentation
    assert stated is not None
    assert stated.follow_up is not None
    assert stated.follow_up.months == round(day / 365.25 * 12)
    assert "1 629 days" in stated.notes["follow_up"]
