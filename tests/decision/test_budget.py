"""Budget impact against hand calculation, a plain loop, and its own bad inputs."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from prioritering.decision.budget.flow import accrue
from prioritering.decision.budget.impact import GROUPS, budget_impact
from prioritering.decision.budget.patients import MarketShares, Patients
from prioritering.errors import GuidelineError, ResultError, UnknownNameError
from prioritering.guidelines import guideline
from prioritering.outcomes import Outcomes
from prioritering.yearly import YearlyOutcomes

LIMIT = {"first_years": 5, "counts": ["drug"], "vat": "included"}
GROUP_OF = {"drug": "drug", "hospital": "service", "home care": "elsewhere"}
DRUG = [[[1_000.0, 1_000.0, 1_000.0]], [[50_000.0, 20_000.0, 10_000.0]]]
HOSPITAL = [[[8_000.0, 4_000.0, 2_000.0]], [[6_000.0, 3_000.0, 1_000.0]]]
HOME = [[[500.0, 500.0, 500.0]], [[400.0, 300.0, 200.0]]]

TO_X = MarketShares(with_decision={"x": 1.0}, without={"old": 1.0})


def years_of(**cost):
    return YearlyOutcomes.from_arrays(["old", "new"], cost=cost)


@pytest.fixture(scope="module")
def yearly():
    return years_of(drug=DRUG, hospital=HOSPITAL, **{"home care": HOME})


@pytest.fixture
def build(yearly, rules):
    def call(run=yearly, **changes):
        settings = {
            "reference": "old",
            "option": "new",
            "patients": Patients(incidence=100, uptake=1.0),
            "groups": GROUP_OF,
            "rules": rules,
            "years": 3,
        }
        return budget_impact(run, **{**settings, **changes})

    return call


def test_constant_uptake_equals_a_hand_calculation(build):
    """100 a year, 40 % take the option: cohorts of 40 and 60 add up year by year."""
    found = build(patients=Patients(incidence=100, uptake=0.4))
    drug = [
        40 * 50_000 + 60 * 1_000,
        40 * (50_000 + 20_000) + 60 * 2_000,
        40 * (50_000 + 20_000 + 10_000) + 60 * 3_000,
    ]
    assert found.amounts("with", group="drug")[0].tolist() == drug
    assert found.amounts("without", group="drug")[0].tolist() == [1e5, 2e5, 3e5]
    assert found.amounts("net", group="service")[0].tolist() == [-80_000, -120_000, -160_000]
    assert found.amounts("net", group="elsewhere")[0].tolist() == [-4_000, -12_000, -24_000]
    total = found.amounts("net", group="drug") - [[84_000, 132_000, 184_000]]
    np.testing.assert_allclose(found.amounts("net"), total, rtol=1e-14)


def test_prevalent_patients_start_in_the_first_year_or_when_they_are_said_to(build):
    patients = Patients(incidence=0, prevalence=200, uptake=[0.5, 1.0, 1.0])
    once = build(patients=patients).amounts("net", group="drug")[0]
    assert once.tolist() == [100 * 49_000, 100 * 19_000, 100 * 9_000]
    spread = Patients(incidence=0, prevalence=[0, 200, 0], uptake=[0.5, 1.0, 1.0])
    later = build(patients=spread).amounts("net", group="drug")[0]
    assert later.tolist() == [0, 200 * 49_000, 200 * 19_000]


def test_uptake_without_the_decision_is_taken_off(build):
    found = build(patients=Patients(incidence=100, uptake=0.4, uptake_without=0.4))
    assert not found.net.any()
    assert found.flow.without[:, 0].tolist() == [[60.0] * 3, [40.0] * 3]


def test_starts_through_the_year_put_half_of_each_year_into_the_next(build):
    found = build(entry="through_the_year").amounts("with", group="drug")[0]
    own = [50_000, 20_000, 10_000]
    first = [own[0] / 2, (own[0] + own[1]) / 2, (own[1] + own[2]) / 2]
    assert found.tolist() == [100 * sum(first[: k + 1]) for k in range(3)]


def test_market_shares_over_three_strategies(rules):
    cost = {"drug": [[[10.0, 1.0]], [[20.0, 2.0]], [[40.0, 4.0]]]}
    run = YearlyOutcomes.from_arrays(["a", "b", "c"], cost=cost)
    shares = MarketShares(
        with_decision={"a": [0.5, 0.2], "b": [0.25, 0.3], "c": [0.25, 0.5]},
        without={"a": 0.6, "b": 0.4},
    )
    found = budget_impact(
        run,
        reference="a",
        option="c",
        patients=Patients(incidence=[100, 200], shares=shares),
        groups={"drug": "drug"},
        rules=rules,
        years=2,
    )
    first, second = 50 * 10 + 25 * 20 + 25 * 40, 40 * 10 + 60 * 20 + 100 * 40
    assert found.amounts("with")[0].tolist() == [first, second + first / 10]
    assert found.amounts("without")[0].tolist() == [1400, 2800 + 140]


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 7),
    st.sampled_from(["start_of_year", "through_the_year"]),
)
def test_accrual_equals_a_loop_over_cohorts(seed, years, entry):
    rng = np.random.default_rng(seed)
    profile, starts = rng.normal(size=(2, 3, 4, years + 1)), rng.random((3, 4, years))
    expected = np.zeros((2, 4, years))
    for cohort in range(years):
        for own in range(years):
            for shift in (0, 1) if entry == "through_the_year" else (0,):
                year = cohort + own + shift
                if year < years:
                    part = 0.5 if entry == "through_the_year" else 1.0
                    for s in range(3):
                        amount = part * profile[:, s, :, own] * starts[s, :, cohort]
                        expected[:, :, year] += amount
    np.testing.assert_allclose(
        accrue(profile, starts, entry=entry), expected, rtol=1e-12, atol=1e-12
    )


@given(st.integers(0, 2**32 - 1), st.sampled_from(["start_of_year", "through_the_year"]))
def test_one_cohort_incurs_all_its_costs_once(seed, entry):
    """With a last year of nothing, so that all falls within the years counted."""
    rng = np.random.default_rng(seed)
    profile = np.append(rng.normal(size=(2, 1, 5, 6)), np.zeros((2, 1, 5, 1)), axis=-1)
    starts = np.zeros((1, 5, 7))
    starts[..., 0] = rng.random(5)
    found = accrue(profile, starts, entry=entry).sum(axis=-1)
    np.testing.assert_allclose(found, profile[:, 0].sum(axis=-1) * starts[0, :, 0], atol=1e-12)


@given(st.floats(0, 1), st.floats(0, 1e4), st.floats(0, 1e4))
def test_net_growth_is_linear_in_patients_and_uptake(uptake, incidence, prevalence):
    run = years_of(drug=DRUG)
    settings = {"reference": "old", "option": "new", "groups": {"drug": "drug"}, "years": 3}
    rules = guideline("no", as_of="2026-11-01")
    one = budget_impact(
        run, patients=Patients(incidence=1, uptake=1.0), rules=rules, **settings
    ).amounts("net")
    start = budget_impact(
        run, patients=Patients(incidence=0, prevalence=1, uptake=1.0), rules=rules, **settings
    ).amounts("net")
    patients = Patients(incidence=incidence, prevalence=prevalence, uptake=uptake)
    found = budget_impact(run, patients=patients, rules=rules, **settings).amounts("net")
    expected = uptake * (incidence * one + prevalence * start)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-4)


@pytest.fixture(scope="module")
def many():
    rng = np.random.default_rng(5)
    drug = rng.gamma(20, 5_000, (2, 10_000, 5)) * np.array([0.1, 1.0])[:, None, None]
    return years_of(drug=drug, hospital=0.5 * drug, **{"home care": 0.2 * drug})


def test_draws_means_errors_and_interval(build, many):
    found = build(many, years=5)
    draws = found.amounts("net")
    mean = found.means("net")[4]
    assert mean.value == pytest.approx(draws[:, 4].mean(), rel=1e-12)
    assert mean.se == pytest.approx(draws[:, 4].std(ddof=1) / 100, rel=1e-12)
    low, high = np.quantile(draws[:, 4], [0.025, 0.975])
    assert (mean.low, mean.high) == pytest.approx((low, high), rel=1e-12)


def test_uncertain_patients_follow_the_draws(build, many):
    n = np.random.default_rng(6).gamma(50, 2, (10_000, 1))
    found = build(many, years=5, patients=Patients(incidence=n, uptake=1.0))
    one = build(many, years=5, patients=Patients(incidence=1, uptake=1.0))
    np.testing.assert_allclose(found.amounts("net"), n * one.amounts("net"), rtol=1e-12)
    fixed_run = build(patients=Patients(incidence=n, uptake=1.0))
    assert fixed_run.n_draws == 10_000


def test_the_limit_is_passed_in_the_first_year_that_is_above_it(build):
    """Drug growth of 49 000, 68 000, 77 000: 1 400 patients pass 100 million in year 3."""
    found = build(patients=Patients(incidence=1_400, uptake=1.0), first_year=2027)
    assert [m.value for m in found.limit.expected] == [68.6e6, 95.2e6, 107.8e6]
    assert found.limit.passed_in == 2029
    assert found.limit.probability is None
    assert (found.limit.nok, found.limit.guideline_years, found.limit.years) == (
        1e8,
        5,
        (2027, 2028, 2029),
    )


def test_growth_at_the_limit_does_not_pass_it(build, rules):
    at = rules.with_rule("authority_limit", {**LIMIT, "nok": 77e5}, source="a test")
    found = build(rules=at)
    assert found.limit.expected[2].value == 77e5
    assert found.limit.passed_in is None
    costs = dict(zip(GROUP_OF, (DRUG, HOSPITAL, HOME), strict=True))
    twice = build(years_of(**{k: np.repeat(v, 2, axis=1) for k, v in costs.items()}), rules=at)
    assert [p.value for p in twice.limit.probability] == [0.0, 0.0, 0.0]


def test_what_the_limit_counts_is_said_to_be_second_hand(build):
    notes = {
        language: " ".join(build().table(language).attrs["notes"]) for language in ("en", "no")
    }
    assert "is second-hand" in notes["en"]
    assert "blå resept" in notes["no"]


def test_the_limit_is_held_against_the_groups_asked_for(build):
    found = build(limit_on=("elsewhere", "drug", "service"))
    assert found.limit.groups == GROUPS
    np.testing.assert_allclose(
        [m.value for m in found.limit.expected], found.amounts("net")[0], rtol=1e-14
    )
    assert build().limit.groups == ("drug",)


def test_the_limit_looks_at_the_guideline_s_years_only(rules, build):
    shorter = rules.with_rule(
        "authority_limit", {**LIMIT, "nok": 9e6, "first_years": 2}, source="a test"
    )
    found = build(patients=Patients(incidence=[1, 1, 200], uptake=1.0), rules=shorter)
    assert found.limit.passed_in is None
    assert found.amounts("net", group="drug")[0, 2] > 9e6
    assert len(found.limit.expected) == 2


def test_probability_of_passing_the_limit(build, many):
    found = build(many, years=5, patients=Patients(incidence=210, uptake=1.0))
    above = found.amounts("net", group="drug") > 1e8
    assert 0.05 < above.any(axis=1).mean() < 0.95
    assert [p.value for p in found.limit.probability] == above.mean(axis=0).tolist()
    p = above.any(axis=1).mean()
    assert found.limit.probability_any.value == p
    assert found.limit.probability_any.se == pytest.approx(np.sqrt(p * (1 - p) / 1e4), rel=1e-12)


def test_an_expected_growth_at_the_limit_is_too_close_to_call(build, many):
    per_patient = build(many, years=5, patients=Patients(incidence=1, uptake=1.0))
    n = 1e8 / per_patient.limit.expected[4].value
    near = build(many, years=5, patients=Patients(incidence=n * 0.9999, uptake=1.0))
    assert near.limit.too_close == (5,)
    far = build(many, years=5, patients=Patients(incidence=n * 0.5, uptake=1.0))
    assert far.limit.too_close == ()


def test_costs_outside_are_left_out_and_said_so(build):
    found = build(groups={**GROUP_OF, "home care": "outside"})
    assert not found.amounts("with", group="elsewhere").any()
    assert "left out: home care" in " ".join(found.table().attrs["notes"])


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"years": 4}, ResultError, r"more calendar years.*at most 3.*found 4.*longer horizon"),
        ({"years": 0}, ResultError, r"number of years out of range"),
        ({"first_year": 2027.0}, ResultError, r"first year out of range.*found 2027.0"),
        ({"groups": {"drug": "drug"}}, ResultError, r"without a budget group.*'hospital', 'home"),
        ({"groups": {**GROUP_OF, "drg": "drug"}}, UnknownNameError, r"cost category 'drg'"),
        ({"groups": {**GROUP_OF, "drug": "drugs"}}, UnknownNameError, r"'drugs'.*category 'drug'"),
        ({"option": "newer"}, UnknownNameError, r"unknown option 'newer'"),
        ({"option": "old"}, ResultError, r"no option to hold against the reference.*found 'old'"),
        ({"entry": "mid"}, UnknownNameError, r"unknown entry 'mid'.*'through_the_year'"),
        ({"vat": "yes"}, UnknownNameError, r"unknown vat 'yes'"),
        ({"limit_on": ("drugs",)}, UnknownNameError, r"'drugs'.*limit_on"),
        ({"limit_on": ()}, ResultError, r"no cost group to hold against the limit"),
        ({"price_year": "2026"}, ResultError, r"price year is not a year.*found '2026'"),
        ({"price_year": 26}, ResultError, r"price year is not a year.*found 26"),
        ({"patients": 200}, ResultError, r"patients of the wrong kind.*found int.*Patients\("),
        (
            {"patients": Patients(incidence=[1, 2], uptake=1.0)},
            ResultError,
            r"incidence is given for another number of calendar years.*1 or 3 years.*found 2",
        ),
        (
            {"patients": Patients(incidence=1, shares=TO_X)},
            UnknownNameError,
            r"unknown strategy 'x'.*market shares",
        ),
    ],
)
def test_bad_input_is_refused(build, changes, kind, message):
    with pytest.raises(kind, match=message):
        build(**changes)


def test_no_limit_before_its_first_date(build, rules):
    early = type(rules)("no", rules.as_of, (), (("authority_limit", rules.as_of),))
    with pytest.raises(GuidelineError, match=r"no rule on 'authority_limit' in force"):
        build(rules=early)


def test_another_currency_than_the_limit_s_is_refused(build):
    run = YearlyOutcomes.from_arrays(
        ["old", "new"], cost={"drug": DRUG}, provenance={"currency": "GBP"}
    )
    with pytest.raises(ResultError, match=r"another currency than the authority limit.*GBP"):
        build(run, groups={"drug": "drug"})


def test_a_run_that_is_not_by_year_is_refused(build):
    totals = Outcomes.from_arrays(["old", "new"], cost=[[1], [2]], qaly=[[1], [2]])
    with pytest.raises(ResultError, match=r"outcomes of the wrong kind.*Yearly.*run_by_year"):
        build(totals)


def test_draws_that_do_not_fit_are_refused(build, many):
    patients = Patients(incidence=np.ones((7, 1)), uptake=1.0)
    with pytest.raises(ResultError, match=r"different draws.*1 or 10000.*found 7.*same sample"):
        build(many, patients=patients)
    mixed = Patients(incidence=np.ones((7, 1)), uptake=np.ones((8, 1)))
    with pytest.raises(ResultError, match=r"patients and shares have different draws.*\[7, 8\]"):
        build(patients=mixed)


def test_results_are_read_only_and_survive_pickle(build):
    shares = MarketShares(
        with_decision={"old": 0.5, "new": 0.5}, without={"old": np.ones(3), "new": np.zeros(3)}
    )
    patients = Patients(incidence=100, shares=shares)
    found = build(patients=patients)
    again = pickle.loads(pickle.dumps((found, patients)))
    assert np.array_equal(again[0].net, found.net)
    assert repr(again[0]) == repr(found)
    assert repr(again[1]) == "Patients(100 new a year, 0 there already, by market shares)"
    for array in (again[0].without, again[1].incidence, again[1].shares.without["old"]):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 1.0


@pytest.mark.parametrize("language", ["en", "no"])
def test_table(build, many, language):
    found = build(
        many,
        years=5,
        patients=Patients(incidence=210, uptake=1.0),
        first_year=2027,
        price_year=2026,
        vat="included",
    )
    table = found.table(language)
    assert list(table.columns) == ["2027", "2028", "2029", "2030", "2031"]
    drug = found.means("net", group="drug")[0].value / 1e6
    assert table.iloc[2, 0].split()[0].replace(",", ".") == f"{drug:.1f}"
    notes = " ".join(table.attrs["notes"])
    for text in ("2026", "100,000,000" if language == "en" else "100\xa0000\xa0000"):
        assert text in notes
    assert found._repr_html_().count("<table") == 1


def test_long_table_adds_up(build):
    frame = build().to_frame()
    assert len(frame) == 3 * 4 * 3
    by = frame.set_index(["world", "group", "year"])["mean"]
    assert by["net", "total", 3] == pytest.approx(
        by["with", "total", 3] - by["without", "total", 3]
    )
    assert by["with", "total", 2] == pytest.approx(sum(by["with", g, 2] for g in GROUPS))


@pytest.mark.parametrize("language", ["en", "no"])
@pytest.mark.parametrize("draws", [1, 10_000])
def test_figure(build, many, language, draws):
    run, years = (many, 5) if draws > 1 else (years_of(drug=np.tile(DRUG, 3)), 9)
    groups = GROUP_OF if draws > 1 else {"drug": "drug"}
    patients = Patients(incidence=210 if draws > 1 else 21, uptake=1.0)
    found = build(run, years=years, groups=groups, patients=patients)
    ax = Figure().subplots()
    assert found.plot(ax, language=language) is ax
    assert len(ax.patches) == 3 * 3 * years
    tops = {round(p.get_height(), 9) for p in ax.patches}
    assert round(found.means("with", group="drug")[0].value / 1e6, 9) in tops
    dashed = [line for line in ax.lines if list(line.get_ydata()) == [100.0, 100.0]]
    assert len(dashed) == (draws > 1)
