"""Draws needed, and running until they are drawn."""

import math
import pickle
import re

import numpy as np
import pytest

import prioritering as pr
from prioritering.cea import compare
from prioritering.errors import PrioriteringWarning, ResultError, UnknownNameError
from prioritering.outcomes import Outcomes
from prioritering.psa import Precision, draws_needed, evpi, run_until

WTP = 100_000.0
PARAMS = pr.Parameters(
    cost=pr.gamma(mean=60_000, se=20_000, unit="NOK"),
    gain=pr.normal(mean=0.7, se=0.3, unit="QALY"),
    base=pr.beta(mean=0.6, se=0.05, unit="ratio"),
)


class Model:
    """A model of one line, which counts its runs."""

    def __init__(self):
        self.runs = []

    def run(self, draws, rules=None, *, twice=False):
        self.runs.append(draws.n_draws)
        cost = draws.cost * (2 if twice else 1)
        qaly = 10 * draws.base
        qalys = [qaly, qaly + draws.gain]
        return Outcomes.from_arrays(
            ["old", "new"],
            cost=[0 * cost, cost],
            qaly=qalys,
            qaly_undiscounted=qalys,
            provenance={"draws": draws.provenance},
        )


@pytest.fixture(scope="module")
def out():
    return Model().run(PARAMS.sample(2000, seed=1))


def test_needs_are_errors_squared(out):
    wanted = Precision(nmb=100, icer=200, probability=0.002, evpi=50)
    found = draws_needed(out, reference="old", wtp=WTP, precision=wanted)
    row = compare(out, reference="old", wtp=WTP).pairwise[0]
    benefit = WTP * (out.qaly[1] - out.qaly[0]) - (out.cost[1] - out.cost[0])
    p, information = (benefit > 0).mean(), evpi(out, wtp=WTP)
    exact = {
        "nmb": (row.incremental_nmb, row.incremental_nmb_se, 100),
        "icer": (row.icer, row.icer_se, 200),
        "probability": (p, math.sqrt(p * (1 - p) / 2000), 0.002),
        "evpi": (float(information.value), float(information.se), 50),
    }
    assert [need.aim for need in found.needs] == list(exact)
    for need in found.needs:
        value, se, target = exact[need.aim]
        assert need.value == pytest.approx(value, rel=1e-11)
        assert need.se == pytest.approx(se, rel=1e-10)
        assert need.draws == math.ceil(2000 * (se / target) ** 2)
    assert found.draws == max(need.draws for need in found.needs)
    assert not found.met


def test_that_many_draws_have_the_error_wanted(out):
    wanted = Precision(nmb=200)
    needed = draws_needed(out, reference="old", wtp=WTP, precision=wanted).draws
    again = Model().run(PARAMS.sample(needed, seed=99))
    row = compare(again, reference="old", wtp=WTP).pairwise[0]
    assert row.incremental_nmb_se == pytest.approx(200, rel=0.06)


def test_an_error_that_is_met_exactly_needs_no_more_draws(out):
    se = compare(out, reference="old", wtp=WTP).pairwise[0].incremental_nmb_se
    found = draws_needed(out, reference="old", wtp=WTP, precision=Precision(nmb=se))
    assert (found.draws, found.met) == (2000, True)


def test_a_share_of_all_draws_is_no_certainty():
    cost = np.stack([np.zeros(200), np.full(200, -1.0)])
    found = draws_needed(
        (cost, 0 * cost), reference="strategy 1", wtp=1, precision=Precision(probability=0.001)
    )
    (need,) = found.needs
    assert need.value == 1.0
    assert need.se == pytest.approx(math.sqrt(0.0025 * 0.9975 / 200), rel=1e-12)
    assert need.draws > 2000


def test_every_severity_class_has_its_own_need(run, severity):
    found = draws_needed(
        run, reference="standard", precision=Precision(severity_class=0.004), severity=severity
    )
    assert [need.severity_class for need in found.needs] == [1, 2, 3, 4, 5, 6]
    by_class = {need.severity_class: need for need in found.needs}
    assert by_class[3].value == severity.probability_of_class[3]
    assert by_class[3].se == pytest.approx(severity.probability_of_class_se[3], rel=1e-13)


def test_no_ratio_means_that_it_cannot_be_said():
    cost = np.stack([np.zeros(200), np.linspace(-3, -1, 200)])
    found = draws_needed((cost, -cost), reference="strategy 1", precision=Precision(icer=1.0))
    assert (found.draws, found.met) == (None, False)
    assert repr(found) == "DrawsNeeded(cannot be said, 200 drawn, not met)"
    assert found.to_frame()["draws"].isna().all()


def test_even_draws_need_at_most_that_many(language):
    out = Model().run(PARAMS.sample(256, seed=1, method="sobol"))
    found = draws_needed(out, reference="old", wtp=WTP, precision=Precision(nmb=100))
    assert found.errors_are_upper_bounds
    assert "Sobol" in " ".join(found.table(language).attrs["notes"])


def test_frame_table_and_pickle(out, language):
    wanted = Precision(icer=200, probability=0.002, evpi=50, nmb=300)
    found = draws_needed(out, reference="old", wtp=WTP, precision=wanted)
    assert found.table(language).shape == (4, 4)
    assert pickle.loads(pickle.dumps(found)).needs == found.needs
    assert (
        "2,000 draws" in draws_needed(out, reference="old", wtp=WTP, precision=wanted)._repr_html_()
    )


def test_the_first_draws_are_the_first_draws():
    few, many = PARAMS.sample(1000, seed=4), PARAMS.sample(10_000, seed=4)
    for name in few.names:
        np.testing.assert_array_equal(few[name], many[name][:1000])


def test_until_is_one_run_of_the_draws_reached():
    model, until = Model(), Precision(nmb=300, probability=0.006)
    found = run_until(model, params=PARAMS, until=until, reference="old", wtp=WTP, seed=7)
    once = Model().run(PARAMS.sample(found.n_draws, seed=7))
    for name in ("cost", "qaly", "qaly_undiscounted"):
        np.testing.assert_array_equal(getattr(found, name), getattr(once, name))
    assert draws_needed(found, reference="old", wtp=WTP, precision=until).met
    assert found.provenance["until"]["met"] is True
    assert found.provenance["until"]["steps"] == model.runs
    assert model.runs[0] == 1000
    assert len(model.runs) <= 4
    assert found.provenance["draws"] == once.provenance["draws"]


def test_the_next_step_is_what_is_needed_and_five_per_cent():
    model, until = Model(), Precision(nmb=500)
    first = model.run(PARAMS.sample(1000, seed=7))
    needed = draws_needed(first, reference="old", wtp=WTP, precision=until).draws
    assert 1000 < needed < 9000 / 1.05, "within the bounds of growth"
    found = run_until(
        model, params=PARAMS, until=until, reference="old", wtp=WTP, seed=7, most=9000
    )
    assert found.provenance["until"]["steps"][1] == math.ceil(1.05 * needed)


def test_until_of_a_real_model_is_one_run_bit_for_bit(rules):
    params = pr.Parameters(
        rate=pr.gamma(mean=0.3, se=0.06, unit="per year"),
        hr=pr.lognormal(median=0.7, ci=(0.5, 0.95), unit="ratio"),
        drug=pr.fixed(50_000, unit="NOK/year", price_year=2024),
        u=pr.beta(mean=0.8, se=0.03, unit="utility"),
    )

    def transitions(p, strategy, t):
        rate = p.rate * (p.hr if strategy == "new" else 1.0)
        return {("ill", "dead"): pr.rate_to_prob(rate, t.cycle_length)}

    model = pr.MarkovModel(
        states=("ill", "dead"),
        strategies=("standard", "new"),
        cycle=pr.months(3),
        horizon=pr.years(10),
        age=61,
        transitions=transitions,
        costs=lambda p, strategy, t: {"ill": p.drug if strategy == "new" else 0.0},
        utilities=lambda p, strategy, t: {"ill": p.u},
    )
    found = run_until(
        model,
        params=params,
        rules=rules,
        until=Precision(nmb=6000, severity_class=0.02),
        reference="standard",
        wtp=495_000,
        severity=lambda out: pr.absolute_shortfall(out["standard"], age=61, rules=rules),
        seed=3,
        start=200,
    )
    assert found.n_draws > 200
    once = model.run(params.sample(found.n_draws, seed=3), rules)
    np.testing.assert_array_equal(found.cost, once.cost)
    np.testing.assert_array_equal(found.qaly, once.qaly)
    np.testing.assert_array_equal(found.state_years, once.state_years)


def test_precision_there_at_once_takes_one_run():
    model = Model()
    run_until(model, params=PARAMS, until=Precision(nmb=1e6), reference="old", wtp=WTP, seed=1)
    assert model.runs == [1000]


def test_growth_is_bounded_and_most_is_the_end():
    model = Model()
    with pytest.warns(PrioriteringWarning, match=r"stopped at most=15000.*of nmb has.*are needed"):
        found = run_until(
            model, params=PARAMS, until=Precision(nmb=1), reference="old", wtp=WTP, seed=1,
            start=500, most=15_000,
        )  # fmt: skip
    assert model.runs == [500, 5000, 15_000]
    assert found.n_draws == 15_000
    assert found.provenance["until"]["met"] is False


def test_options_reach_the_model():
    plain, twice = (
        run_until(
            Model(), params=PARAMS, until=Precision(nmb=1e6), reference="old", wtp=WTP, seed=1,
            **options,
        )
        for options in ({}, {"twice": True})
    )  # fmt: skip
    np.testing.assert_array_equal(twice.cost, 2 * plain.cost)


def test_progress_shows_draws(capsys):
    run_until(
        Model(), params=PARAMS, until=Precision(nmb=1e6), reference="old", wtp=WTP, seed=1,
        progress=True, most=4000,
    )  # fmt: skip
    assert re.search(r"1000/4000", capsys.readouterr().err)


def test_stopping_leans_less_than_its_error():
    """Mean over 200 stopped runs: well within one standard error of a run of the truth."""
    until, means = Precision(nmb=2000), []
    for seed in range(200):
        found = run_until(
            Model(), params=PARAMS, until=until, reference="old", wtp=WTP, seed=seed, start=100
        )
        means.append((WTP * (found.qaly[1] - found.qaly[0]) - found.cost[1]).mean())
    truth = WTP * 0.7 - 60_000
    assert abs(np.mean(means) - truth) < 4 * 2000 / math.sqrt(200)
    assert np.std(means) == pytest.approx(2000, rel=0.15)


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"method": "sobol"}, ResultError, "cannot be added to.*laid out for one number"),
        ({"method": "latin_hypercube"}, ResultError, r"params.sample\(n, method="),
        ({"start": 10}, ResultError, "start of 100 or more.*found start 10"),
        ({"start": 2000, "most": 1000}, ResultError, "most not below it"),
        ({"start": 1e3}, ResultError, "whole numbers"),
        ({"wtp": None}, ResultError, "no willingness to pay for the precision of nmb.*Give wtp"),
        ({"reference": "odl"}, UnknownNameError, "unknown reference 'odl'.*mean 'old'"),
        ({"until": Precision(severity_class=0.1)}, ResultError, "no severity to count"),
    ],
)
def test_bad_questions(changes, kind, message):
    asked = {"until": Precision(nmb=1e6), "reference": "old", "wtp": WTP, "seed": 1, **changes}
    with pytest.raises(kind, match=message):
        run_until(Model(), params=PARAMS, **asked)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({}, r"no precision asked for.*Precision\(icer=5_000\)"),
        ({"nmb": 0}, "error wanted of nmb cannot be reached.*above 0; found 0"),
        ({"icer": math.nan}, "error wanted of icer cannot be reached"),
        ({"evpi": "5"}, "found '5'"),
    ],
)
def test_bad_precision(wanted, message):
    with pytest.raises(ResultError, match=message):
        Precision(**wanted)
