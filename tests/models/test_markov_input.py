"""Wrong input to a cohort model: each error says what, where and what to do."""

import numpy as np
import pytest

import prioritering as pr

DRAWS = pr.Draws.from_arrays({"x": np.linspace(0.1, 0.3, 5)})
GOOD = {
    "states": ("well", "ill", "dead"),
    "strategies": ("old", "new"),
    "cycle": pr.years(1),
    "horizon": pr.years(3),
    "transitions": {("well", "ill"): 0.2, ("ill", "dead"): 0.1},
    "costs": {"ill": 5.0},
    "utilities": {"well": 1.0, "ill": 0.5},
}


def run(**changes):
    return pr.MarkovModel(**{**GOOD, **changes}).run(DRAWS, discounting=pr.Discounting.none())


def new_only(value):
    """Transitions that go wrong in strategy 'new' only."""
    return lambda p, s, t: {
        ("well", "ill"): value(p, t) if s == "new" else 0.2,
        ("well", "dead"): 0.5,
    }


def test_the_good_one_runs():
    assert run().n_draws == 5


def test_row_over_one_names_strategy_state_cycle_and_draw():
    def bad(p, t):
        value = np.full((3, p.n_draws), 0.2)
        value[1, 3] = 0.7
        return value

    with pytest.raises(pr.ProbabilityError, match="add up to too much") as caught:
        run(transitions=new_only(bad))
    where = caught.value.where
    assert (where["strategy"], where["state"], where["cycle"], where["draw"]) == (
        "'new'",
        "'well'",
        1,
        3,
    )
    assert "well -> ill: 0.7" in caught.value.found
    assert "sum 1.2" in caught.value.found


def test_the_draw_is_counted_from_the_first_chunk():
    model = pr.MarkovModel(
        **{**GOOD, "transitions": new_only(lambda p, t: np.where(p.x > 0.28, 0.9, 0.1))}
    )
    with pytest.raises(pr.ProbabilityError) as caught:
        model.run(DRAWS, discounting=pr.Discounting.none(), chunk=2)
    assert caught.value.where["draw"] == 4


def test_negative_probability():
    with pytest.raises(pr.ProbabilityError, match="probability below zero") as caught:
        run(transitions=new_only(lambda p, t: p.x - 0.15))
    assert caught.value.where["draw"] == 0


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_probability_not_finite(value):
    with pytest.raises(pr.ProbabilityError, match="not finite|too much"):
        run(transitions=new_only(lambda p, t: value))


def test_negative_rate_and_rate_too_large_for_the_cycle():
    with pytest.raises(pr.ProbabilityError, match="rate below zero"):
        run(kind="rates", transitions={("well", "ill"): -1.0})
    with pytest.raises(pr.ProbabilityError, match="at most 500 per year"):
        run(kind="rates", transitions={("well", "ill"): 501.0})


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"transitions": {("well", "il"): 0.1}}, pr.UnknownNameError, "Did you mean 'ill'"),
        ({"transitions": {("well", "well"): 0.1}}, pr.ModelError, "staying is the complement"),
        ({"transitions": {"well": 0.1}}, pr.ModelError, "pair of states"),
        ({"transitions": [1]}, pr.ModelError, "transitions must be a mapping"),
        ({"transitions": {("well", "ill"): "a"}}, pr.ModelError, "not numeric"),
        (
            {"transitions": {("well", "ill"): np.ones(4) / 9}},
            pr.ModelError,
            "fits neither draws nor cycles",
        ),
        ({"costs": {"il": 1.0}}, pr.UnknownNameError, "unknown state 'il'"),
        ({"costs": {("ill", "well"): 1.0}}, pr.UnknownNameError, "unknown move"),
        ({"costs": {pr.entry("sick"): 1.0}}, pr.UnknownNameError, "unknown state 'sick'"),
        ({"costs": {"a": {"ill": 1.0}, "ill": 2.0}}, pr.ModelError, "mix categories"),
        ({"costs": {"drug": {"ill": np.nan}}}, pr.ModelError, "cost category 'drug', key 'ill'"),
        ({"costs": {pr.at_start: np.ones((3, 1))}}, pr.ModelError, "at the start varies by cycle"),
        (
            {"utilities": {"well": 1.0}},
            pr.ModelError,
            "living state has no utility.*none for 'ill'",
        ),
        (
            {"utilities": {"well": 1.0, "ill": 0.5, "dead": 0.1}},
            pr.ModelError,
            "dead state has a utility",
        ),
        (
            {"utilities": {"well": 1.0, "ill": np.inf}},
            pr.ModelError,
            "not finite.*utility of 'ill'",
        ),
        ({"initial": {"well": 0.5}}, pr.ModelError, "do not sum to one"),
        ({"initial": {"wel": 1.0}}, pr.UnknownNameError, "Did you mean 'well'"),
        ({"initial": {"well": 1.5, "ill": -0.5}}, pr.ModelError, "not a share"),
        ({"dead": "gone"}, pr.UnknownNameError, "dead state 'gone'"),
        ({"kind": "odds"}, pr.ModelError, "'probabilities' or 'rates'"),
        ({"states": ("well", "well", "dead")}, pr.ModelError, "state names"),
        ({"strategies": ()}, pr.ModelError, "strategy names"),
        ({"horizon": pr.months(30)}, pr.ModelError, "2 or 3 cycles of 1 year.*2.5000 cycles"),
        ({"cycle": pr.years(0)}, pr.ModelError, "not positive"),
    ],
)
def test_wrong_descriptions(changes, kind, message):
    with pytest.raises(kind, match=message):
        run(**changes)


def test_what_needs_a_guideline_or_an_age_says_so():
    with pytest.raises(pr.ConventionError, match="Discounting.none"):
        pr.MarkovModel(**GOOD).run(DRAWS)
    with pytest.raises(pr.ModelError, match="t.mortality|t.population"):
        run(transitions=lambda p, s, t: {("well", "dead"): t.mortality})
    rules = pr.guideline("no", as_of="2026-11-01")
    with pytest.raises(pr.ModelError, match="starting age"):
        pr.MarkovModel(
            **{**GOOD, "transitions": lambda p, s, t: {("well", "dead"): t.mortality}}
        ).run(DRAWS, rules)


def test_age_beyond_the_life_table_and_norm_below_its_ages():
    rules = pr.guideline("no", as_of="2026-11-01")
    die = {**GOOD, "transitions": lambda p, s, t: {("well", "dead"): t.mortality}}
    with pytest.raises(pr.DataError, match="106"):
        pr.MarkovModel(**{**die, "age": 90, "horizon": pr.years(40)}).run(DRAWS, rules)
    with pytest.raises(pr.DataError, match="40"):
        pr.MarkovModel(**die, age=25, age_adjustment=pr.AgeAdjustment(30)).run(DRAWS, rules)


def test_no_trace_kept_is_said():
    with pytest.raises(pr.ResultError, match="trace=True"):
        run().plot_trace("old")


def test_unknown_strategy_in_results():
    with pytest.raises(pr.UnknownNameError, match="Did you mean 'new'"):
        run()["nwe"]


def test_draws_that_would_only_add_up_too_far_between_them_are_fine():
    up, down = np.linspace(0, 0.9, 5), np.linspace(0.9, 0, 5)
    out = run(transitions={("well", "ill"): up, ("well", "dead"): down})
    np.testing.assert_allclose(out.state_years.sum(axis=2), 3.0, rtol=1e-13)
