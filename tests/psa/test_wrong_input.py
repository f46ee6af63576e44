"""What a newcomer gets wrong is told in the library's own errors."""

import numpy as np
import pytest

from prioritering.errors import ResultError
from prioritering.outcomes import Outcomes
from prioritering.psa import (
    Precision,
    acceptability,
    draws_needed,
    incremental,
    probability_se,
    quantile_se,
    rank_probabilities,
    run_until,
    severity_adjusted_best,
)

PAIR = ([[0.0, 0.0], [1.0, 2.0]], [[0.0, 0.0], [1.0, 1.0]])


@pytest.mark.parametrize(
    "outcomes",
    [None, {"a": 1}, (*PAIR, PAIR[1]), ([["x"]], [["y"]]), ([[1, 2], [1]], [[1, 2], [1]]), 3.0],
)
def test_neither_a_run_nor_arrays(outcomes):
    with pytest.raises(ResultError, match=r"neither a run nor costs and effects.*\(cost, effect\)"):
        acceptability(outcomes, limits=[1.0])


@pytest.mark.parametrize("limits", ["abc", ["1", "2"], [[1, 2], 3], None, [True, False]])
def test_limits_that_are_no_amounts(limits):
    with pytest.raises(ResultError, match="limits cannot be a willingness to pay"):
        acceptability(PAIR, limits=limits)


def test_amounts_in_words():
    with pytest.raises(ResultError, match="wtp_per_draw cannot be.*found 'high'"):
        severity_adjusted_best(PAIR, wtp_per_draw="high")
    with pytest.raises(ResultError, match="wtp cannot be"):
        rank_probabilities(PAIR, wtp="5")
    with pytest.raises(ResultError, match="levels cannot be"):
        incremental(PAIR, reference="strategy 1", levels="500000")


def test_precision_that_is_no_precision():
    with pytest.raises(ResultError, match="standard error wanted of icer.*found True"):
        Precision(icer=True)
    with pytest.raises(ResultError, match=r"not said which standard errors.*found 0\.01"):
        draws_needed(PAIR, reference="strategy 1", precision=0.01)


def test_run_until_refuses_before_it_runs():
    with pytest.raises(ResultError, match=r"not said which standard errors.*found 0\.01"):
        run_until(None, params=None, until=0.01, reference="a", seed=1)


def test_draws_that_are_no_numbers():
    with pytest.raises(ResultError, match="draws that carry no Monte Carlo error"):
        quantile_se(["a", "b"], q=0.5)
    with pytest.raises(ResultError, match=r"not a share of draws.*found 'ten' draws"):
        probability_se(0.5, n="ten")


@pytest.mark.parametrize("cost", [[["1", "2"]], [[True, False]], [[None, 1.0]]])
def test_outcomes_of_text_or_truth_are_refused(cost):
    with pytest.raises(ResultError, match="cost is not"):
        Outcomes.from_arrays(["a"], cost=cost, qaly=[[1.0, 2.0]])


def test_outcomes_of_whole_numbers_become_floats():
    out = Outcomes.from_arrays(["a"], cost=np.array([[1, 2]], dtype=object), qaly=[[1, 2]])
    assert out.cost.dtype == out.qaly.dtype == np.float64


def test_rules_that_are_no_guideline():
    with pytest.raises(ResultError, match=r"rules is of another kind.*found str.*guideline\("):
        incremental(PAIR, reference="strategy 1", rules="no")
