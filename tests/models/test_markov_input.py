"""Wrong input to a cohort model: each error says what, where and what to do."""

from fractions import Fraction

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
        (
            {"horizon": pr.months(30)},
            pr.ModelError,
            r"2 or 3 cycles of 1 year.*2\.5 cycles.*2 times the cycle",
        ),
        ({"cycle": pr.years(0)}, pr.ModelError, "not positive"),
        ({"cycle": 1}, pr.ModelError, r"cycle is of the wrong type.*Duration; found 1.*pr\.months"),
        ({"horizon": 40}, pr.ModelError, "horizon is of the wrong type"),
        ({"correction": "half-cycle"}, pr.ModelError, r"correction .*pr\.CycleCorrection\('half"),
        ({"age_adjustment": 50}, pr.ModelError, r"age_adjustment .*pr\.AgeAdjustment"),
        ({"age": np.nan}, pr.ModelError, "age is not an age.*0 or more; found nan"),
        ({"age": -5}, pr.ModelError, "age is not an age.*found -5"),
        ({"age": "61"}, pr.ModelError, "age is not an age.*found '61'"),
        ({"sex": "woman"}, pr.UnknownNameError, "unknown sex 'woman'.*'male', 'female', 'pooled'"),
        ({"strategies": 5}, pr.ModelError, "strategies are not names.*found 5"),
        (
            {"utilities": {"well": 1.0, "ill": 0.5, "dead": "x"}},
            pr.ModelError,
            "not numeric.*'x'.*",
        ),
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


def test_cycles_that_would_only_add_up_too_far_between_them_are_fine():
    def crossing(p, strategy, t):
        down = 0.9 - 0.4 * t.cycle
        return {("well", "ill"): down + 0.0 * p.x, ("well", "dead"): 0.95 - down}

    assert run(transitions=crossing).n_draws == 5


def test_a_fault_in_a_late_cycle_of_a_late_draw_is_found():
    draws = pr.Draws.from_arrays({"x": np.linspace(0.1, 0.3, 400)})

    def late(p, strategy, t):
        value = np.full((3, p.n_draws), 0.2)
        value[2, 333] = 0.81
        return {("well", "ill"): value, ("well", "dead"): 0.2}

    m = pr.MarkovModel(**{**GOOD, "transitions": late})
    with pytest.raises(pr.ProbabilityError, match="add up to too much") as caught:
        m.run(draws, discounting=pr.Discounting.none())
    where = caught.value.where
    assert (where["cycle"], where["draw"]) == (2, 333)
    assert where["draws affected in this chunk"] == 1


def test_draws_that_would_only_add_up_too_far_between_them_are_fine():
    up, down = np.linspace(0, 0.9, 5), np.linspace(0.9, 0, 5)
    out = run(transitions={("well", "ill"): up, ("well", "dead"): down})
    np.testing.assert_allclose(out.state_years.sum(axis=2), 3.0, rtol=1e-13)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((GOOD, "no"), r"rules is of the wrong type.*Guideline; found 'no'.*pr\.guideline\('no'"),
        ((pr.Parameters(x=1.0), None), r"draws .*Draws.*params\.expected\(\).*params\.sample"),
        (({"x": 1.0}, None), "draws is of the wrong type"),
    ],
)
def test_arguments_of_another_type(arguments, message):
    given, rules = arguments
    draws = DRAWS if given is GOOD else given
    with pytest.raises(pr.ModelError, match=message):
        pr.MarkovModel(**GOOD).run(draws, rules, discounting=pr.Discounting.none())


@pytest.mark.parametrize("name", ["discounting", "discounting_effects"])
def test_discounting_of_another_type(name):
    with pytest.raises(pr.ModelError, match=rf"{name} is .*found 0\.04.*Discounting\.flat"):
        pr.MarkovModel(**GOOD).run(DRAWS, **{"discounting": pr.Discounting.none(), name: 0.04})


@pytest.mark.parametrize("chunk", [2.5, 0, True, "2"])
def test_a_chunk_that_is_no_number_of_draws(chunk):
    with pytest.raises(pr.ModelError, match=f"integer of 1 or more; found {chunk!r}"):
        pr.MarkovModel(**GOOD).run(DRAWS, discounting=pr.Discounting.none(), chunk=chunk)


@pytest.mark.parametrize("given", ["1", None, True, np.nan, np.inf])
def test_a_duration_that_is_no_number(given):
    with pytest.raises(pr.ModelError, match=r"a number of months, such as pr\.months\(1\)"):
        pr.months(given)


def test_durations_are_the_short_fraction_a_float_stands_for():
    assert pr.years(1 / 3).exact_years == Fraction(1, 3)
    assert pr.years(7 / 365.25).exact_years == pr.weeks(1).exact_years
    assert pr.years(0.1).exact_years == Fraction(1, 10)
    assert pr.years(np.float64(0.25)).exact_years == Fraction(1, 4)
    assert pr.years(0.3333333).exact_years == Fraction(3333333, 10_000_000)
    assert run(cycle=pr.years(1 / 3), horizon=pr.years(1)).n_draws == 5
    with pytest.raises(
        pr.ModelError, match=r"found 1 year = 3\.0000003.* cycles.*3 times the cycle"
    ):
        run(cycle=pr.years(0.3333333), horizon=pr.years(1))


@pytest.mark.parametrize("age", [np.nan, -1, "50"])
def test_a_reference_age_that_is_no_age(age):
    with pytest.raises(pr.ModelError, match="reference_age is not an age"):
        pr.AgeAdjustment(age)
    with pytest.raises(pr.ModelError, match=r"norm is of the wrong type.*NormTable\.from_bands"):
        pr.AgeAdjustment(50, norm={0: 0.9})


def one_warning(**changes):
    """The text of the only warning of a run in chunks of two draws."""
    model = pr.MarkovModel(**{**GOOD, **changes})
    with pytest.warns(pr.PrioriteringWarning) as warned:
        model.run(DRAWS, discounting=pr.Discounting.none(), chunk=2)
    assert [w.filename for w in warned] == [__file__]
    return str(warned[0].message)


def new_alone(odd, usual):
    return lambda p, s, t: odd(p) if s == "new" else usual


def test_utilities_outside_their_range_are_counted_over_chunks():
    for scale in (5.0, -5.0):  # of x, which is 0.1, 0.15, 0.2, 0.25 and 0.3

        def odd(p, scale=scale):
            return {"well": scale * p.x, "ill": 0.5}

        found = one_warning(utilities=new_alone(odd, GOOD["utilities"]))
        assert found == "the utility of 'well' is outside [-1, 1] in strategy 'new' (2 of 5 draws)"
    found = one_warning(utilities=new_alone(lambda p: {"well": 1.2, "ill": 1.0}, GOOD["utilities"]))
    assert found.endswith("(5 of 5 draws)")


def test_moves_out_of_death_are_counted():
    moves = {**GOOD["transitions"], ("dead", "ill"): 0.1}
    found = one_warning(transitions=new_alone(lambda p: moves, GOOD["transitions"]))
    assert found == "the dead move from 'dead' to 'ill' in strategy 'new' (5 of 5 draws)"


def test_entry_where_nothing_moves_is_counted():
    found = one_warning(costs=new_alone(lambda p: {pr.entry("well"): 1.0}, {"ill": 1.0}))
    assert "nothing moves into 'well', so entry(state='well') is never paid" in found
    assert found.endswith("in strategy 'new' (5 of 5 draws)")


def test_one_dimension_is_always_draws_even_with_as_many_draws_as_cycles():
    three = pr.Draws.from_arrays({"x": [0.1, 0.2, 0.3]})
    model = pr.MarkovModel(**{**GOOD, "transitions": lambda p, s, t: {("well", "dead"): p.x}})
    out = model.run(three, discounting=pr.Discounting.none())
    alone = [model.run(three.chunk(i, i + 1), discounting=pr.Discounting.none()) for i in range(3)]
    assert out.qaly[0].tolist() == [float(one.qaly[0, 0]) for one in alone]
    by_cycle = {**GOOD, "transitions": {("well", "ill"): np.array([0.1, 0.2, 0.3])}}
    with pytest.raises(pr.ModelError, match=r"\(3, 1\) by cycle.*Arrays by draw come from p"):
        pr.MarkovModel(**by_cycle).run(three, discounting=pr.Discounting.none())


def test_a_guideline_without_a_life_table_serves_a_model_that_needs_none():
    early = pr.guideline("no", as_of="2019-06-01")
    out = pr.MarkovModel(**GOOD).run(DRAWS, early, discounting=pr.Discounting.none())
    assert out.provenance["life_table"] is None
