import matplotlib as mpl

mpl.use("Agg")

import numpy as np
import pytest

from prioritering.cea import compare
from prioritering.decision import assess
from prioritering.guidelines import guideline
from prioritering.outcomes import Outcomes, Trace
from prioritering.severity import PopulationQalys, absolute_shortfall

LANGUAGES = ("en", "no")
WTP = 495_000.0


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture(scope="session")
def rules():
    return guideline("no", as_of="2026-11-01")


def build_outcomes(cost, qaly, strategies, **provenance):
    cost, qaly = np.asarray(cost, float), np.asarray(qaly, float)
    return Outcomes.from_arrays(
        strategies,
        cost=cost,
        qaly=qaly,
        life_years=qaly / 0.8,
        cost_undiscounted=1.5 * cost,
        qaly_undiscounted=1.4 * qaly,
        life_years_undiscounted=1.75 * qaly,
        provenance=provenance,
    )


@pytest.fixture(scope="session")
def build():
    return build_outcomes


@pytest.fixture(scope="session")
def psa():
    """Two strategies and 4 000 draws; the ICER is near 440 000."""
    rng = np.random.default_rng(11)
    n = 4000
    qaly = rng.lognormal(np.log(6.8), 0.05, n)
    cost = rng.gamma(100, 4100, n)
    gain, extra = rng.normal(0.78, 0.28, n), rng.gamma(30, 11500, n)
    return build_outcomes([cost, cost + extra], [qaly, qaly + gain], ["standard", "new"])


@pytest.fixture(scope="session")
def base():
    """One draw of a frontier with every standing: c is dominated, d extendedly, e equals b."""
    cost = [[100.0], [200.0], [250.0], [280.0], [200.0], [400.0]]
    qaly = [[1.0], [2.0], [1.5], [2.1], [2.0], [3.0]]
    return build_outcomes(cost, qaly, ["a", "b", "c", "d", "e", "f"])


@pytest.fixture(scope="session")
def several():
    """Four strategies and 1 500 draws."""
    rng = np.random.default_rng(12)
    n = 1500
    cost = np.array([[1.5e5], [2.6e5], [2.8e5], [3.8e5]]) + rng.normal(0, 2e4, (4, n))
    qaly = np.array([[20.7], [22.2], [21.5], [23.1]]) + rng.normal(0, 0.2, (4, n))
    return build_outcomes(cost, qaly, ["SoC", "B", "A", "AB"], currency="USD")


@pytest.fixture(scope="session")
def cea(psa):
    return compare(psa, reference="standard", wtp=WTP)


@pytest.fixture(scope="session")
def many(several):
    return compare(several, reference="SoC", wtp=1e5)


@pytest.fixture(scope="session")
def single(base):
    return compare(base, reference="a")


@pytest.fixture(scope="session")
def severity(psa, rules):
    """Draws in classes 3 and 4, expected shortfall near 12.3."""
    population = PopulationQalys(21.8, age=61, source="a round number.", assumptions=("made up",))
    return absolute_shortfall(psa["standard"], age=61, rules=rules, population=population)


@pytest.fixture(scope="session")
def severity_of_one(rules):
    return absolute_shortfall(7.5, age=61, rules=rules)


@pytest.fixture(scope="session")
def decision(psa, severity, rules):
    return assess(psa, severity, rules, reference="standard")


@pytest.fixture(scope="session")
def lossless(psa, severity, rules):
    """No clear gain in QALYs, so that the figure shows net benefit."""
    qaly = np.vstack([psa.qaly[0], psa.qaly[1] - 0.8])
    outcomes = build_outcomes(psa.cost, qaly, psa.strategies)
    return assess(outcomes, severity, rules, reference="standard")


@pytest.fixture(scope="session")
def south_west(severity, rules):
    """A million saved at half a QALY lost, with little doubt about either."""
    rng = np.random.default_rng(2)
    cost, qaly = rng.normal(-1e6, 1e5, 4000), rng.normal(-0.5, 0.1, 4000)
    run = build_outcomes([0 * cost, cost], [0 * qaly, qaly], ["standard", "new"])
    criteria = {"documentation_width_high": 0.5}
    return assess(run, severity, rules, reference="standard", criteria=criteria)


@pytest.fixture(scope="session")
def dominated(severity, rules):
    """Half a QALY lost at half a million more."""
    rng = np.random.default_rng(3)
    cost, qaly = rng.normal(5e5, 1e5, 4000), rng.normal(-0.5, 0.2, 4000)
    run = build_outcomes([0 * cost, cost], [0 * qaly, qaly], ["standard", "new"])
    return assess(run, severity, rules, reference="standard")


@pytest.fixture(scope="session")
def trace():
    years = np.linspace(0, 30, 361)
    free, alive = np.exp(-((years / 4.2) ** 1.1)), np.exp(-((years / 9) ** 1.3))
    free = np.minimum(free, alive)
    states = np.stack([free, alive - free, 1 - alive], axis=-1)
    return Trace(
        np.stack([states, states[::-1]])[None],
        years,
        ("standard",),
        ("progression-free", "progressed", "dead"),
    )
