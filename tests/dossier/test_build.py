"""From a case to rules, parameters and a model."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import numpy as np
import pytest

import prioritering.parameters as pr
from prioritering.conventions import Discounting
from prioritering.dossier import Case, build_case
from prioritering.errors import (
    CaseError,
    ConventionError,
    DataError,
    GuidelineError,
    ModelError,
    ParameterError,
    PrioriteringError,
    UnknownNameError,
)
from prioritering.models import at_start, entry, leaving
from prioritering.parameters import Parameter

from .conftest import PARTITIONED

Load = Callable[..., Case]


def with_section(section: str) -> tuple[str, str]:
    return "[run]", f"{section}\n[run]"


# Rules and conventions


def test_rules_are_those_of_the_day(load: Load) -> None:
    assert build_case(load()).rules.id == "no@2026-11-01"
    text = ("as_of = 2026-11-01", 'as_of = "2026-11-01"')
    assert build_case(load(text)).rules.id == "no@2026-11-01"


@pytest.mark.parametrize(
    ("old", "new", "kind", "said"),
    [
        ("2026-11-01", "1990-01-01", GuidelineError, "no rules known .*key guideline, line 6"),
        ("2026-11-01", '"soon"', GuidelineError, "as_of is not a date .*found 'soon'"),
        ('country = "no"', 'country = "se"', UnknownNameError, "unknown guideline country 'se'"),
    ],
)
def test_a_guideline_that_is_not_there_is_refused(
    load: Load, old: str, new: str, kind: type[PrioriteringError], said: str
) -> None:
    with pytest.raises(kind, match=said):
        build_case(load((old, new)))


def test_a_rule_is_replaced_on_the_record(load: Load) -> None:
    rule = '[guideline.rules.opportunity_cost]\nvalue = 350_000\nsource = "a scenario"'
    rules = build_case(load(with_section(rule))).rules
    assert rules.opportunity_cost == 350_000
    assert rules.id == "no@2026-11-01+opportunity_cost"
    steps = '[guideline.rules.discounting]\nvalue = { steps = [[0, 0.035]] }\nsource = "x"'
    with pytest.raises(PrioriteringError, match=r"key guideline\.rules\.discounting"):
        build_case(load(with_section(steps)))
    with pytest.raises(UnknownNameError, match="unknown topic 'sevrity' .*'severity'"):
        build_case(load(with_section('[guideline.rules.sevrity]\nvalue = 1\nsource = "x"')))


def test_the_norm_is_extended_or_replaced_on_the_record(load: Load) -> None:
    extended = '[norm]\nextend_below = { age_from = 18, value = 0.9, note = "as assumed" }'
    norm = build_case(load(with_section(extended))).rules.norm
    np.testing.assert_array_equal(norm.at([20, 45]), [0.9, 0.853])
    own = '[norm]\nbands = { 0 = 0.95, "50" = 0.8 }\nsource = "survey"'
    np.testing.assert_array_equal(
        build_case(load(with_section(own))).rules.norm.at([20, 61]), [0.95, 0.8]
    )
    with pytest.raises(CaseError, match="does not begin with an age .*key norm.*found 'old'"):
        build_case(load(with_section('[norm]\nbands = { old = 0.95 }\nsource = "survey"')))
    with pytest.raises(DataError, match=r"outside \(0, 1\].*key norm|key norm.*1\.4"):
        build_case(load(with_section('[norm]\nbands = { 0 = 1.4 }\nsource = "survey"')))


NORWAY = Discounting.stepped((0, 0.04), (40, 0.03), (75, 0.02))


@pytest.mark.parametrize(
    ("section", "costs", "effects"),
    [
        ("", NORWAY, NORWAY),
        ('timing = "end"', NORWAY.at("end"), NORWAY.at("end")),
        ("costs = 0.06", Discounting.flat(0.06), Discounting.flat(0.06)),
        ("costs = 0.06\neffects = 0", Discounting.flat(0.06), Discounting.flat(0)),
        ("effects = 0.015", NORWAY, Discounting.flat(0.015)),
        (
            "costs = [{ from_year = 0, rate = 0.05 }, { from_year = 30, rate = 0.02 }]\n"
            'rate_type = "continuous"',
            Discounting.stepped((0, 0.05), (30, 0.02), rate_type="continuous"),
            Discounting.stepped((0, 0.05), (30, 0.02), rate_type="continuous"),
        ),
    ],
)
def test_discounting_is_the_guidelines_unless_stated(
    load: Load, section: str, costs: Discounting, effects: Discounting
) -> None:
    case = load(with_section(f"[discounting]\n{section}")) if section else load()
    built = build_case(case)
    assert (built.discounting, built.discounting_effects) == (costs, effects)


def test_discounting_that_cannot_be_is_refused(load: Load) -> None:
    with pytest.raises(ConventionError, match="rate outside its range .*key discounting"):
        build_case(load(with_section("[discounting]\ncosts = -0.1")))
    late = "[discounting]\ncosts = [{ from_year = 1, rate = 0.05 }]"
    with pytest.raises(ConventionError, match="steps out of order .*key discounting"):
        build_case(load(with_section(late)))


# Parameters


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"fixed"\nvalue = 3', pr.fixed(3.0)),
        ('"beta"\nmean = 0.8\nse = 0.1', pr.beta(mean=0.8, se=0.1)),
        ('"beta"\nmean = 0.8\nci = [0.6, 1.0]', pr.beta(mean=0.8, ci=(0.6, 1.0))),
        ('"beta"\na = 2\nb = 3\nvalue = 0.5', pr.beta(a=2.0, b=3.0, value=0.5)),
        ('"gamma"\nmean = 2\nse = 1', pr.gamma(mean=2.0, se=1.0)),
        ('"gamma"\nshape = 2\nrate = 4', pr.gamma(shape=2.0, rate=4.0)),
        ('"gamma"\nshape = 2\nscale = 4', pr.gamma(shape=2.0, scale=4.0)),
        (
            '"lognormal"\nmedian = 0.7\nci = [0.5, 0.98]\nlevel = 0.9',
            pr.lognormal(median=0.7, ci=(0.5, 0.98), level=0.9),
        ),
        ('"lognormal"\nmeanlog = 0\nsdlog = 1', pr.lognormal(meanlog=0.0, sdlog=1.0)),
        ('"normal"\nmean = -1\nse = 2', pr.normal(mean=-1.0, se=2.0)),
        ('"uniform"\nlow = 0\nhigh = 1', pr.uniform(low=0.0, high=1.0)),
        ('"triangular"\nlow = 0\nmode = 1\nhigh = 5', pr.triangular(low=0.0, mode=1.0, high=5.0)),
        ('"dirichlet"\ncounts = { a = 1, b = 2 }', pr.dirichlet({"a": 1.0, "b": 2.0})),
        (
            '"multivariate_normal"\nmean = { a = 1, b = 2 }\ncovariance = [[1, 0.5], [0.5, 2]]',
            pr.multivariate_normal({"a": 1.0, "b": 2.0}, covariance=[[1, 0.5], [0.5, 2]]),
        ),
    ],
)
def test_each_distribution_is_its_constructor(load: Load, text: str, expected: Parameter) -> None:
    section = f"[parameters.x]\ndistribution = {text}\n[values]"
    x = build_case(load(("[values]", section))).parameters["x"]
    assert x.canonical() == expected.canonical()


def test_what_is_said_of_a_parameter_is_kept(load: Load) -> None:
    parameters = build_case(load()).parameters
    assert parameters["cost_new"].unit == "NOK/year"
    assert parameters["cost_new"].price_year == 2024
    assert parameters["u"].assumption
    assert parameters["hr"].value == 0.72
    assert parameters["rate"].source == "trial X"


COVARIANCE = (
    '[parameters.x]\ndistribution = "multivariate_normal"\nmean = { a = 1, b = 2 }\n'
    'covariance_csv = "cov.csv"\n[values]'
)


def test_a_covariance_is_read_from_a_csv(load: Load) -> None:
    case = load(("[values]", COVARIANCE), cov="a,b\n1,0.5\n0.5,2\n")
    expected = pr.multivariate_normal({"a": 1.0, "b": 2.0}, covariance=[[1, 0.5], [0.5, 2]])
    assert build_case(case).parameters["x"].canonical() == expected.canonical()
    assert set(case.sha256) == {"case.toml", "cov.csv"}


@pytest.mark.parametrize(
    ("cov", "kind", "said"),
    [
        ("b,a\n1,0.5\n0.5,2\n", CaseError, "other columns than the mean .*expected a, b"),
        ("a,b\n1,0.5\n", ParameterError, r"wrong shape .*key parameters\.x"),
        ("a,b\n1,2\n2,1\n", ParameterError, "not positive semidefinite"),
        ("a,b\n1,nan\n0,1\n", CaseError, "not a finite number .*column 'b'"),
    ],
)
def test_a_covariance_that_cannot_be_is_refused(
    load: Load, cov: str, kind: type[PrioriteringError], said: str
) -> None:
    with pytest.raises(kind, match=said) as caught:
        build_case(load(("[values]", COVARIANCE), cov=cov))
    assert caught.value.where["key"] == "parameters.x"


def test_a_covariance_is_given_once(load: Load) -> None:
    both = COVARIANCE.replace("covariance_csv", "covariance = [[1, 0], [0, 1]]\ncovariance_csv")
    with pytest.raises(CaseError, match="needed once .*found both"):
        build_case(load(("[values]", both), cov="a,b\n1,0\n0,1\n"))
    neither = COVARIANCE.replace('covariance_csv = "cov.csv"', "")
    with pytest.raises(CaseError, match="needed once .*found neither"):
        build_case(load(("[values]", neither)))


def test_observations_are_read_from_a_csv_alone_or_in_rows(load: Load) -> None:
    head = '[parameters.x]\ndistribution = "empirical"\ncsv = "seen.csv"\n'
    seen = "a,b\n1,10\n2,20\n6,30\n"
    one = load(("[values]", f'{head}columns = ["a"]\n[values]'), seen=seen)
    assert build_case(one).parameters["x"].value == 3.0
    two = load(("[values]", f'{head}columns = ["b", "a"]\n[values]'), seen=seen)
    draws = build_case(two).parameters.sample(50, seed=1)
    assert build_case(two).parameters["x"].value == {"b": 20.0, "a": 3.0}
    assert set(zip(draws.x.a.tolist(), draws.x.b.tolist(), strict=True)) <= {
        (1, 10),
        (2, 20),
        (6, 30),
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("mean = 0.8\nse = 0.02", "mean = 1.2\nse = 0.02", r"impossible .*key parameters\.u.*1\.2"),
        ("mean = 0.8\nse = 0.02", "mean = 0.8\nse = 0.5", "standard error is too large"),
        ("mean = 0.8\nse = 0.02", "mean = 0.8", r"cannot be made .*found \(mean\)"),
        ("value = 0.72", "value = -1", "impossible under the distribution"),
        ("[parameters.rate]", "[parameters.chunk]", "name 'chunk' is taken"),
    ],
)
def test_an_impossible_parameter_names_its_place(load: Load, old: str, new: str, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        build_case(load((old, new)))


# Prices

OTHER_YEAR = (
    '[parameters.x]\ndistribution = "fixed"\nvalue = 100\nprice_year = 2018\n'
    'unit = "NOK"\nsource = "s"\n[values]'
)


def test_prices_of_two_years_need_a_conversion(load: Load) -> None:
    said = (
        r"different years \(file case.toml, key parameters, line 19\).*2018: x; 2024: cost_new.*"
        r"convert_to = 2024 under \[prices\]"
    )
    with pytest.raises(ParameterError, match=said):
        build_case(load(("[values]", OTHER_YEAR)))


def test_prices_are_converted_by_the_guidelines_index(load: Load) -> None:
    section = with_section("[prices]\nconvert_to = 2025")
    built = build_case(load(("[values]", OTHER_YEAR), section))
    # consumer prices, 2015 = 100: 108.408 (2018), 133.633 (2024), 137.70 (2025)
    assert built.parameters["x"].value == pytest.approx(100 * 137.70 / 108.408, rel=1e-12)
    assert built.parameters["cost_new"].value == pytest.approx(
        250_000 * 137.70 / 133.633, rel=1e-12
    )
    with pytest.raises(DataError, match=r"no price index .*key prices\.convert_to.*found 2060"):
        build_case(load(with_section("[prices]\nconvert_to = 2060")))


# The model


@pytest.mark.parametrize(
    ("old", "new", "kind", "said"),
    [
        ('"stable -> dead" = "m', '"stabel -> dead" = "m', UnknownNameError, "'stabel' .*'stable'"),
        ('"stable -> dead" = "m', '"stable - dead" = "m', CaseError, "a move is not written"),
        ('"stable -> dead" = 5', '"-> ded" = 5', UnknownNameError, "'ded' .*costs.care"),
        ('"at start"', '"at begin"', UnknownNameError, "unknown state or duration 'at begin'"),
        ('"at start"', '"leaving stable"', UnknownNameError, "unknown endpoint 'stable'"),
        ('reference = "standard"', 'reference = "standrd"', UnknownNameError, "'standard'"),
        ("reference =", 'option = "nwe"\nreference =', UnknownNameError, "option 'nwe' .*'new'"),
        ("reference =", 'option = "standard"\nreference =', CaseError, "the same strategy"),
        ("{ years = 20 }", "{ months = 20 }", ModelError, "whole number of cycles .*key model"),
        ("{ months = 6 }", "{ months = 0 }", ModelError, "not positive"),
        ("[run]", "[initial]\nstabel = 1\n[run]", UnknownNameError, "'stabel' .*key initial"),
        ("[run]", '[endpoints]\nx = "y"\n[run]', CaseError, r"markov model has no \[endpoints\]"),
        ('kind = "markov"', 'kind = "markov"\ndead = ["ded"]', UnknownNameError, "'ded'"),
        (
            "[transitions]",
            '[transitions]\n"stable->dead" = 0.1',
            CaseError,
            r"same key is written twice .*transitions\.\"stable -> dead\"",
        ),
        ('"at start"', '" -> progressed" = 3\n"at start"', CaseError, "same key is written twice"),
    ],
)
def test_a_model_that_does_not_hold_together_is_refused(
    load: Load, old: str, new: str, kind: type[PrioriteringError], said: str
) -> None:
    with pytest.raises(kind, match=said):
        build_case(load((old, new)))


@pytest.mark.parametrize(
    ("old", "new", "kind", "said"),
    [
        ('free = "inner"', 'free = "iner"', UnknownNameError, r"'iner' \(.*endpoints\.free"),
        ('alive = "outer"', 'dying = "outer"\nalive = "outer"', ModelError, "do not match"),
        ("[utilities]", '[transitions]\n"free -> ill" = 1\n[utilities]', CaseError, "no \\[trans"),
        ("[curves.inner]", "[curves.population]", CaseError, "stands for the general population"),
        ('"leaving free"', '"leaving fre"', UnknownNameError, "unknown endpoint 'fre' .*'free'"),
        ("{ new = 1_000, otherwise = 0 }", "{ nw = 1 }", UnknownNameError, "strategy 'nw'"),
        ('{ standard = "inner", new = "inner" }', '{ standard = "inner" }', CaseError, "no value"),
        (
            'then = [{ hazard_ratio = "hr" }]',
            'then = [{ add_hazard_of = "outr" }]',
            UnknownNameError,
            r"unknown curve 'outr' .*key curves\.inner\.then\[0\]\.add_hazard_of",
        ),
        (
            'then = [{ hazard_ratio = "hr" }]',
            'then = [{ switch_at = 2, to = "population" }]',
            UnknownNameError,
            "unknown curve 'population'",
        ),
        (
            'then = [{ hazard_ratio = "hr" }]',
            'then = [{ add_hazard_of = "inner" }]',
            CaseError,
            "need each other .*inner -> inner",
        ),
    ],
)
def test_a_partitioned_model_that_does_not_hold_together_is_refused(
    load: Load, old: str, new: str, kind: type[PrioriteringError], said: str
) -> None:
    with pytest.raises(kind, match=said):
        build_case(load((old, new), text=PARTITIONED))


def test_keys_of_rewards_become_what_the_model_reads(load: Load) -> None:
    costs = build_case(load()).model.costs.categories["care"]  # type: ignore[union-attr]
    assert set(costs) == {"progressed", entry("progressed"), ("stable", "dead"), at_start}
    costs = build_case(load(text=PARTITIONED)).model.costs.categories["care"]  # type: ignore[union-attr]
    assert set(costs) == {"ill", leaving("free"), entry("dead"), at_start}


def test_parameters_the_model_does_not_use_are_named(load: Load) -> None:
    assert build_case(load()).unused == ()
    assert build_case(load(('"rate_to_prob(rate_dead, cycle_length)"', "0.1"))).unused == (
        "rate_dead",
    )


@pytest.mark.parametrize("text", [None, PARTITIONED])
def test_a_built_model_survives_pickle(load: Load, text: str | None) -> None:
    built = build_case(load() if text is None else load(text=text))
    again = pickle.loads(pickle.dumps(built))
    draws = built.parameters.sample(20, seed=2)
    np.testing.assert_array_equal(
        again.model.run(draws, again.rules).qaly, built.model.run(draws, built.rules).qaly
    )
