"""QALYs displaced against the arithmetic of box 4.4: cost over the opportunity cost."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from prioritering.cea import compare
from prioritering.decision.budget.opportunity_cost import opportunity_cost, portfolio
from prioritering.errors import GuidelineError, ResultError, UnknownNameError
from prioritering.guidelines import guideline
from prioritering.outcomes import Outcomes
from prioritering.yearly import YearlyOutcomes

PAIR = {"reference": "standard", "option": "new"}


@pytest.fixture
def case_of(increments, rules):
    def build(cost, qaly, **settings):
        given = {"rules": rules, "price_year": 2026, **PAIR, **settings}
        return opportunity_cost(increments(cost, qaly), **given)

    return build


def test_a_million_displaces_cost_over_275_000(case_of):
    found = case_of([1e6], [2.0], patients=50)
    assert found.displaced[0] == pytest.approx(50 * 1e6 / 275_000, rel=1e-14)
    assert found.gained[0] == 100.0
    assert found.net[0] == pytest.approx(100 - 50e6 / 275_000, rel=1e-12)


def test_an_icer_at_the_opportunity_cost_displaces_what_it_gains(case_of):
    assert case_of([275_000.0], [1.0]).net[0] == pytest.approx(0.0, abs=1e-12)


@given(st.integers(0, 2**32 - 1), st.floats(0, 1e5))
def test_net_is_patients_times_net_health_benefit(seed, patients):
    rng = np.random.default_rng(seed)
    run = Outcomes.from_arrays(
        ["standard", "new"], cost=rng.normal(1e6, 1e5, (2, 20)), qaly=rng.normal(8, 1, (2, 20))
    )
    rules = guideline("no", as_of="2026-11-01")
    found = opportunity_cost(run, rules=rules, price_year=2026, patients=patients, **PAIR)
    nhb = compare(run, reference="standard", wtp=275_000).net_benefit().nhb
    np.testing.assert_allclose(found.net, patients * (nhb[1] - nhb[0]), rtol=1e-9, atol=1e-6)


def test_means_and_errors_over_draws(case_of):
    rng = np.random.default_rng(1)
    cost, qaly, n = rng.normal(4e5, 1e5, 400), rng.normal(1, 0.2, 400), rng.gamma(50, 2, 400)
    found = case_of(cost, qaly, patients=n).means()
    net = n * (qaly - cost / 275_000)
    assert found["net"].value == pytest.approx(net.mean(), rel=1e-12)
    assert found["net"].se == pytest.approx(net.std(ddof=1) / 20, rel=1e-12)


def test_freed_resources_give_qalys_back(case_of):
    found = case_of([-550_000.0], [-1.0])
    assert (found.displaced[0], found.net[0]) == (-2.0, 1.0)


def test_portfolio_adds_cases(case_of):
    rng = np.random.default_rng(2)
    a = case_of(rng.normal(4e5, 1e5, 300), rng.normal(1, 0.2, 300), name="A", patients=10)
    b = case_of(rng.normal(1e5, 1e5, 500), rng.normal(1, 0.2, 500), name="B", patients=20)
    found = portfolio([a, b])
    for quantity in ("gained", "displaced", "net"):
        parts = [a.means()[quantity], b.means()[quantity]]
        total = found.totals[quantity]
        assert total.value == pytest.approx(sum(p.value for p in parts), rel=1e-12)
        assert total.se == pytest.approx(math.hypot(*(p.se for p in parts)), rel=1e-12)
        assert total.low is None
    net = found.totals["gained"].value - found.totals["displaced"].value
    assert found.totals["net"].value == pytest.approx(net, rel=1e-12)


def test_cases_of_the_same_draws_are_added_draw_by_draw(case_of):
    rng = np.random.default_rng(3)
    cost, qaly = rng.normal(4e5, 1e5, 300), rng.normal(1, 0.2, 300)
    a, b = case_of(cost, qaly, name="A"), case_of(-cost, -qaly, name="B")
    found = portfolio([a, b], same_draws=True)
    assert found.totals["net"].se == 0.0
    assert portfolio([a, b]).totals["net"].se > 0.0


def test_one_case_is_its_own_total(case_of):
    case = case_of(np.linspace(1e5, 2e5, 50), np.linspace(0.5, 1.5, 50))
    assert portfolio([case]).totals["net"] == case.means()["net"]


def test_a_case_of_one_draw_leaves_the_total_without_an_error(case_of):
    many, one = case_of(np.linspace(1e5, 2e5, 50), np.ones(50), name="many"), case_of([1.0], [1.0])
    found = portfolio([many, one])
    assert found.totals["net"].se is None
    assert "no Monte Carlo error" in " ".join(found.table().attrs["notes"])


def test_different_price_years_are_refused(case_of):
    cases = [case_of([1.0], [1.0], name="A"), case_of([1.0], [1.0], name="B", price_year=2024)]
    with pytest.raises(ResultError, match=r"different price years.*A: 2026, B: 2024.*one price ye"):
        portfolio(cases)


def test_different_guidelines_are_refused(case_of, rules):
    a = case_of([1.0], [1.0], name="A")
    earlier = case_of([1.0], [1.0], name="B", rules=guideline("no", as_of="2025-12-01"))
    with pytest.raises(ResultError, match=r"different guidelines.*2026-11-01.*2025-12-01"):
        portfolio([a, earlier])
    changed = [
        case_of([1.0], [1.0], name=str(k), rules=rules.with_rule("opportunity_cost", k, source="x"))
        for k in (1e5, 2e5)
    ]
    with pytest.raises(ResultError, match=r"different guidelines.*hash"):
        portfolio(changed)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (
            {"perspective": {"view": "extended"}},
            {"perspective": {"view": "society"}},
            r"different perspectives.*A: extended, B: society",
        ),
        (
            {"guideline": {"id": "no@2026-11-01"}},
            {"guideline": {"id": "no@2025-12-01"}},
            r"different guidelines behind the runs.*2025-12-01",
        ),
    ],
)
def test_runs_that_were_not_made_alike_are_refused(rules, first, second, message):
    cases = [
        opportunity_cost(
            Outcomes.from_arrays(
                ["standard", "new"], cost=[[1], [2]], qaly=[[1], [2]], provenance=provenance
            ),
            rules=rules,
            price_year=2026,
            name=name,
            **PAIR,
        )
        for name, provenance in (("A", first), ("B", second), ("C", {"guideline": "in words"}))
    ]
    with pytest.raises(ResultError, match=message):
        portfolio(cases)
    assert len(portfolio(cases[1:]).cases) == 2


@pytest.mark.parametrize(
    ("names", "settings", "message"),
    [
        ([], {}, r"portfolio without cases"),
        (["A", "A"], {}, r"cases of one name.*\['A', 'A'\].*name="),
    ],
)
def test_bad_portfolios_are_refused(case_of, names, settings, message):
    with pytest.raises(ResultError, match=message):
        portfolio([case_of([1.0], [1.0], name=n) for n in names], **settings)


def test_same_draws_need_the_same_number(case_of):
    cases = [case_of(np.ones(k), np.ones(k), name=str(k)) for k in (3, 4)]
    with pytest.raises(ResultError, match=r"different numbers of draws.*3: 3, 4: 4"):
        portfolio(cases, same_draws=True)


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        ({"patients": -1}, ResultError, r"number of patients out of range.*-1"),
        ({"patients": "many"}, ResultError, r"number of patients is not numbers.*'many'"),
        ({"patients": np.nan}, ResultError, r"number of patients out of range"),
        ({"patients": [1, 2, 3]}, ResultError, r"patients and outcomes have different draws.*\(3,"),
        ({"price_year": "2026"}, ResultError, r"price year is not a year"),
        ({"price_year": 0}, ResultError, r"price year is not a year.*found 0"),
        ({"option": "newer"}, UnknownNameError, r"unknown option 'newer'"),
    ],
)
def test_bad_input_is_refused(case_of, settings, kind, message):
    with pytest.raises(kind, match=message):
        case_of([1.0, 2.0], [1.0, 1.0], **settings)


def test_a_run_by_year_is_refused(rules):
    run = YearlyOutcomes.from_arrays(["standard", "new"], cost=np.ones((2, 1, 3)))
    with pytest.raises(ResultError, match=r"outcomes of the wrong kind.*found YearlyOutcomes"):
        opportunity_cost(run, rules=rules, price_year=2026, **PAIR)


def test_another_currency_is_refused(rules):
    run = Outcomes.from_arrays(
        ["standard", "new"], cost=[[1], [2]], qaly=[[1], [2]], provenance={"currency": "GBP"}
    )
    with pytest.raises(ResultError, match=r"another currency than the opportunity cost.*GBP"):
        opportunity_cost(run, rules=rules, price_year=2026, **PAIR)


def test_no_opportunity_cost_before_its_first_date(case_of, rules):
    early = type(rules)("no", rules.as_of, (), (("opportunity_cost", rules.as_of),))
    with pytest.raises(GuidelineError, match=r"no rule on 'opportunity_cost'"):
        case_of([1.0], [1.0], rules=early)


def test_results_survive_pickle(case_of):
    found = portfolio([case_of([1.0, 2.0], [1.0, 1.0])])
    again = pickle.loads(pickle.dumps(found))
    assert repr(again) == repr(found)
    with pytest.raises(ValueError, match="read-only"):
        again.cases[0].gained[0] = 1.0


@pytest.mark.parametrize("language", ["en", "no"])
@pytest.mark.parametrize("n", [1, 200])
def test_table_and_figure(case_of, language, n):
    rng = np.random.default_rng(4)
    a = case_of(rng.normal(9e5, 1e5, n), rng.normal(1, 0.2, n), name="A", patients=300)
    b = case_of(rng.normal(-1e5, 1e5, n), rng.normal(-1, 0.2, n), name="B", patients=20)
    found = portfolio([a, b])
    table = found.table(language)
    assert list(table.index)[:2] == ["A", "B"]
    assert len(table) == 3
    assert "275" in " ".join(table.attrs["notes"])
    assert found._repr_html_().count("<table") == a._repr_html_().count("<table") == 1
    ax = Figure().subplots()
    assert found.plot(ax, language=language) is ax
    widths = [bar.get_width() for bar in ax.patches]
    assert widths[0] == pytest.approx(a.gained.mean())
    assert widths[5] == pytest.approx(found.totals["displaced"].value)
    frame = found.to_frame()
    assert len(frame) == 9
    assert len(a.to_frame()) == 3
    assert a.plot(Figure().subplots(), language=language).has_data()
