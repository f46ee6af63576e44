"""Input that cannot be analysed says what is wrong, where, and what to do."""

import numpy as np
import pandas as pd
import pytest

from prioritering.conventions import Discounting
from prioritering.errors import PrioriteringWarning, ResultError, UnknownNameError
from prioritering.parameters import Draws
from prioritering.psa.information import (
    Study,
    binomial_study,
    enbs,
    evppi,
    evppi_all,
    evsi,
    evsi_by_sample_size,
    normal_mean_study,
    rate_study,
    two_arm_binomial,
)

RNG = np.random.default_rng(1)
X, Y = RNG.uniform(size=(2, 400))
DRAWS = {"x": X, "y": Y, "fixed": np.full(400, 3.0)}
PAIR = (np.stack([0 * X, 0.5 - X - Y]), np.zeros((2, 400)))


def value(pair=PAIR, draws=DRAWS, **changes):
    return evppi(pair, draws, **{"parameters": "x", "wtp": 1.0, **changes})


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"parameters": "z"}, UnknownNameError, "unknown parameter 'z'"),
        ({"parameters": "fixd"}, UnknownNameError, "Did you mean 'fixed'"),
        ({"parameters": []}, ResultError, "no parameter to learn about"),
        ({"parameters": 3}, UnknownNameError, "unknown parameter 3; expected one of 'x'"),
        ({"draws": {"x": ["a"] * 400}}, ResultError, r"not numbers.*'x'.*400 finite.*'a'"),
        ({"parameters": ["x", "y", "x"]}, ResultError, "named twice.*'x'"),
        ({"parameters": ["x", "fixed"]}, ResultError, r"does not vary.*'fixed'.*3 in all 400"),
        ({"method": "gam"}, ResultError, "unknown method of regression.*'many'.*'gam'"),
        ({"wtp": -1.0}, ResultError, "cannot be a willingness to pay.*-1"),
        ({"wtp": [1.0, np.nan]}, ResultError, "finite and 0 or more; found nan"),
        ({"seed": 1.5}, ResultError, "an integer of 0 or more; found 1.5"),
        ({"draws": [1, 2]}, ResultError, "no named parameters.*found list"),
        ({"draws": {"x": X[:300]}}, ResultError, r"unequal length.*'x'.*400 draws.*\(300,\)"),
        ({"draws": {"x": np.where(X > 0.9, np.nan, X)}}, ResultError, r"not finite.*such values"),
        ({"pair": (PAIR[0][:1], PAIR[1][:1])}, ResultError, "one strategy has no uncertainty"),
        ({"pair": (PAIR[0] * np.nan, PAIR[1])}, ResultError, "cost is not finite.*800 such"),
    ],
)
def test_bad_values(changes, kind, message):
    with pytest.raises(kind, match=message):
        value(**changes)


def test_nan_draws_are_counted():
    broken = X.copy()
    broken[[3, 7, 9]] = np.nan, np.inf, np.nan
    with pytest.raises(ResultError, match=r"parameter 'x', draw 3.*nan \(3 such values\)"):
        value(draws={"x": broken})


@pytest.mark.parametrize("n", [5, 12])
def test_fewer_draws_than_terms(n):
    few = PAIR[0][:, :n], PAIR[1][:, :n]
    with pytest.raises(ResultError, match=rf"fewer draws than the regression.*found {n}.*more"):
        value(few, {"x": X[:n], "y": Y[:n]}, parameters=["x", "y"])


def test_full_splines_are_for_four_parameters():
    draws = {f"x{k}": RNG.uniform(size=400) for k in range(5)}
    with pytest.raises(ResultError, match=r"too many parameters.*4 or fewer; found 5.*many"):
        value(draws=draws, parameters=list(draws), method="spline")


def test_limits_keep_their_order():
    rising, falling = value(wtp=[1.0, 2.0]), value(wtp=[2.0, 1.0])
    assert rising.value.tolist() == falling.value[::-1].tolist()
    assert value(wtp=2.0).value.shape == ()


def test_draws_arrive_in_any_of_three_ways():
    joint = Draws.from_arrays({"x": X, "p": {"A": Y, "B": 1 - Y}})
    frame = pd.DataFrame(DRAWS)
    assert value(draws=joint).value == value(draws=frame).value == value().value
    whole, part = (value(draws=joint, parameters=name) for name in ("p", "p.A"))
    assert whole.parameters == ("p.A", "p.B")
    assert part.parameters == ("p.A",)
    assert part.value == value(parameters="y").value
    with pytest.raises(ResultError, match=r"named twice.*'p.A'"):
        value(draws=joint, parameters=["p", "p.A"])


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"groups": {"x": ["x", "y"]}}, ResultError, "stands for two things.*'x'"),
        ({"parameters": ["x", "x"]}, ResultError, "stands for two things"),
        ({"groups": {"both": ["x", "y", "x"]}}, ResultError, "named twice.*'x'"),
        ({"groups": {"both": ["x", "z"]}}, UnknownNameError, "unknown parameter 'z'"),
        ({"parameters": []}, ResultError, "no parameter varies"),
    ],
)
def test_bad_rankings(changes, kind, message):
    with pytest.raises(kind, match=message):
        evppi_all(PAIR, DRAWS, wtp=1.0, **changes)


def test_ranking_leaves_out_what_does_not_vary():
    assert set(evppi_all(PAIR, DRAWS, wtp=1.0).items) == {"x", "y"}


def study(simulate, **more):
    return Study(simulate=simulate, parameters=["x"], name="mine", **more)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"study": binomial_study("q")}, r"data that the model has not.*found no 'q'"),
        ({"study": two_arm_binomial("x", "q")}, r"data that the model has not.*no 'q'"),
        ({"study": "trial"}, "no study was described.*found str"),
        ({"study": binomial_study("fixed")}, "does not vary.*'fixed'"),
        ({"study": study(lambda p, n, r: p["x"][:9])}, r"do not follow.*'mine'.*\(9, 1\)"),
        ({"study": study(lambda p, n, r: p["x"] * np.nan)}, "data are not finite.*400 that"),
        ({"study": study(lambda p, n, r: 0 * p["x"])}, r"the same whatever.*larger study"),
        ({"study": binomial_study("fixde")}, r"found no 'fixde'. Did you mean 'fixed'"),
        ({"n": [5, 10]}, r"one study has one size.*\[5, 10\].*evsi_by_sample_size"),
        ({"n": 10**20}, "1 to a billion.*found .1000"),
        ({"n": 0}, "1 to a billion, in rising order; found .0"),
        ({"n": 2.5}, "sizes of the study cannot be used.*2.5"),
        ({"method": "mm"}, "unknown method for the value of a study.*'mm'"),
        (
            {"method": "moment_matching", "study": study(lambda p, n, r: p["x"])},
            "needs the likelihood.*'mine'",
        ),
        ({"regression": "gam"}, "unknown method of regression"),
    ],
)
def test_bad_studies(changes, message):
    given = {"study": binomial_study("x"), "wtp": 1.0, "n": 20}
    with pytest.raises(ResultError, match=message):
        evsi(PAIR, DRAWS, **{**given, **changes})


@pytest.mark.parametrize("sizes", [[], [5, 5], [9, 3]])
def test_sizes_rise(sizes):
    with pytest.raises(ResultError, match="in rising order"):
        evsi_by_sample_size(PAIR, DRAWS, study=binomial_study("x"), wtp=1.0, n=sizes)


def test_studies_of_what_is_no_probability_or_rate():
    draws = {"x": 3 * X - 1}
    with pytest.raises(ResultError, match=r"no probability.*0 to 1.*'x'|no probability.*'x'"):
        evsi(PAIR, draws, study=binomial_study("x"), wtp=1.0, n=9)
    with pytest.raises(ResultError, match=r"no rate"):
        evsi(PAIR, draws, study=rate_study("x", follow_up=1.0), wtp=1.0, n=9)


def test_a_study_measures_one_number_a_patient():
    joint = Draws.from_arrays({"p": {"A": Y, "B": 1 - Y}})
    with pytest.raises(ResultError, match=r"one number, not a joint.*'p.A', 'p.B'; found 'p'"):
        evsi(PAIR, joint, study=binomial_study("p"), wtp=1.0, n=9)


def test_a_study_cannot_change_the_draws():
    def spoil(p, n, rng):
        p["x"] += 100.0
        return p["x"]

    with pytest.raises(ValueError, match="read-only"):
        evsi(PAIR, DRAWS, study=study(spoil), wtp=1.0, n=9)


@pytest.mark.parametrize(
    ("likelihood", "message"),
    [
        (lambda p, data, n: 0.0, r"does not weigh.*'mine'.*\(400,\).*found shape \(\)"),
        (lambda p, data, n: p["x"] * np.nan, "found 400 that are not"),
        (lambda p, data, n: np.full(400, -np.inf), "minus infinity under every draw"),
    ],
)
def test_a_likelihood_that_weighs_nothing(likelihood, message):
    odd = study(lambda p, n, r: r.normal(p["x"]), log_likelihood=likelihood)
    with pytest.raises(ResultError, match=message):
        evsi(PAIR, DRAWS, study=odd, wtp=1.0, n=9, method="moment_matching")


@pytest.mark.parametrize("method", ["regression", "moment_matching"])
def test_a_spread_that_is_a_parameter_is_above_zero(method):
    draws = {"x": X, "sd": Y - 0.5}
    with pytest.raises(ResultError, match=r"need a standard deviation.*'sd'.*above 0; found -0"):
        evsi(PAIR, draws, study=normal_mean_study("x", sd="sd"), wtp=1.0, n=9, method=method)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"simulate": 3}, r"without a way to simulate.*simulate\(draws, n, rng\); found 3"),
        ({"arms": 0}, "without an arm.*1 or more; found 0"),
    ],
)
def test_a_study_that_cannot_be(changes, message):
    with pytest.raises(ResultError, match=message):
        study(**{"simulate": lambda p, n, r: p["x"], **changes})


def test_one_parameter_of_a_study_or_ranking_may_stand_alone():
    one = Study(simulate=lambda p, n, r: r.normal(p["hr"]), parameters="hr")
    assert one.parameters == ("hr",)
    ranked = evppi_all(PAIR, {"hr": X, "z": Y}, wtp=1.0, parameters="hr")
    assert list(ranked.items) == ["hr"]


def test_studies_need_their_numbers():
    with pytest.raises(ResultError, match="need a standard deviation.*found 0"):
        normal_mean_study("x", sd=0)
    with pytest.raises(ResultError, match="need a standard deviation.*found None"):
        normal_mean_study("x", sd=None)
    with pytest.raises(ResultError, match="need follow-up.*found '2'"):
        rate_study("x", follow_up="2")
    with pytest.raises(ResultError, match="need follow-up.*found nan"):
        rate_study("x", follow_up=np.nan)


def test_a_thin_posterior_is_said():
    with pytest.warns(PrioriteringWarning, match=r"rests on \d+ of 400 draws"):
        evsi(PAIR, DRAWS, study=binomial_study("x"), wtp=1.0, n=2000, method="moment_matching")


@pytest.fixture(scope="module")
def sample():
    return evsi_by_sample_size(PAIR, DRAWS, study=binomial_study("x"), wtp=1.0, n=[5, 20])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fixed_cost": -1.0}, "fixed_cost cannot be a cost"),
        ({"cost_per_patient": np.inf}, "cost_per_patient cannot be a cost"),
        ({"fixed_cost": "1"}, "fixed_cost cannot be a cost.*found '1'"),
        ({"years": True}, "no year to use the information in"),
        ({"incidence": "many"}, "how many patients start each year.*found many"),
        ({"discounting": 0.04}, r"no present value.*found 0.04.*Discounting.flat"),
        ({"time_to_report": None}, "time until the study reports.*found None"),
        ({"years": 0}, "no year to use the information in"),
        ({"incidence": [1, 2]}, "or 3 of them"),
        ({"time_to_report": 3.0}, r"reports after the last year.*below 3 years; found 3\.0"),
        ({"time_to_report": -1.0}, "time until the study reports cannot be used"),
    ],
)
def test_bad_costs_and_patients(changes, message, sample):
    given = {
        "fixed_cost": 1.0, "cost_per_patient": 1.0, "incidence": 5, "years": 3,
        "discounting": Discounting.none(),
    }  # fmt: skip
    with pytest.raises(ResultError, match=message):
        enbs(sample, **{**given, **changes})


def test_net_benefit_of_sampling_is_that_of_a_study():
    with pytest.raises(ResultError, match="that of a study.*evsi_by_sample_size.*found Evppi"):
        enbs(
            value(), fixed_cost=0, cost_per_patient=0, incidence=1, years=1,
            discounting=Discounting.none(),
        )  # fmt: skip


def test_net_benefit_is_at_one_limit():
    several = evsi_by_sample_size(PAIR, DRAWS, study=binomial_study("x"), wtp=[1.0, 2.0], n=[5, 20])
    with pytest.raises(ResultError, match="one willingness to pay.*found 2 amounts"):
        enbs(
            several, fixed_cost=0, cost_per_patient=0, incidence=1, years=1,
            discounting=Discounting.none(),
        )  # fmt: skip
