import matplotlib as mpl

mpl.use("Agg")

import numpy as np
import pytest

import prioritering as pr
from prioritering.outcomes import Outcomes
from tests.models import sick_sicker

WTP = 80_000.0
UNCERTAIN = {
    "r_HS1": pr.gamma(mean=0.15, se=0.03),
    "hr_S1S2_trtB": pr.lognormal(median=0.6, ci=(0.45, 0.8)),
    "c_S2": pr.gamma(mean=15_000, se=1_500, unit="USD/year"),
    "u_S1": pr.beta(mean=0.75, se=0.03),
    "u_S2": pr.beta(mean=0.5, se=0.05),
    "c_trtB": pr.uniform(low=11_000, high=15_000, unit="USD/year"),
}
DISCOUNTING = pr.Discounting.flat(0.03)


@pytest.fixture(params=["en", "no"])
def language(request):
    return request.param


@pytest.fixture(scope="session")
def params():
    return pr.Parameters({**sick_sicker.NUMBERS, **UNCERTAIN})


@pytest.fixture(scope="session")
def model():
    return Counting(sick_sicker.model())


@pytest.fixture
def question(params):
    """Keywords of every analysis of Strategy B."""
    return {
        "params": params,
        "reference": "Standard of care",
        "option": "Strategy B",
        "wtp": WTP,
        "discounting": DISCOUNTING,
    }


class Counting:
    """A model that counts its runs."""

    def __init__(self, model):
        self.model, self.n_draws = model, []

    def run(self, draws, rules=None, **options):
        self.n_draws.append(draws.n_draws)
        return self.model.run(draws, rules, **options)


class Formula:
    """A model whose incremental cost and QALYs are functions of the parameters."""

    def __init__(self, cost, qaly=None, strategies=("old", "new")):
        self.cost, self.qaly, self.strategies = cost, qaly, strategies

    def run(self, draws, rules=None, **options):
        zero = np.zeros(draws.n_draws)
        cost = self.cost(draws) + zero
        qaly = zero if self.qaly is None else self.qaly(draws) + zero
        n = len(self.strategies) - 1
        return Outcomes.from_arrays(
            self.strategies, cost=[zero, *[cost] * n], qaly=[zero, *[qaly] * n]
        )


def alone(question, model, params=None, **values):
    """Compare one base-case run of the plain model, by another route than the batch."""
    draws = (params or question["params"]).expected().with_values(**values)
    run = model.model.run(draws, discounting=question["discounting"])
    cea = pr.compare(run, reference=question["reference"], wtp=question["wtp"])
    return next(row for row in cea.pairwise if row.strategy == question["option"])


def assert_equal_to(found, row, rel=1e-12):
    assert found.incremental_cost == pytest.approx(row.incremental_cost, rel=rel)
    assert found.incremental_qaly == pytest.approx(row.incremental_qaly, rel=rel)
    assert found.status == row.status
    assert found.icer == pytest.approx(row.icer, rel=rel)
    assert found.nmb == pytest.approx(row.incremental_nmb, rel=1e-10)
