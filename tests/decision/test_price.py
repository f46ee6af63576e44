"""The price that meets a willingness to pay: closed form against solving the model itself."""

import pickle

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from scipy.optimize import brentq

import prioritering as pr
from prioritering.decision import price_analysis
from prioritering.errors import ResultError, UnknownNameError
from prioritering.outcomes import Outcomes

from .price_material import analyse, two

mpl.use("Agg")

PRICE = 20_000.0


def transitions(p, strategy, t):
    hr = p.hr if strategy == "new" else 1.0
    return {
        ("stable", "progressed"): pr.rate_to_prob(p.progression * hr, t.cycle_length),
        ("stable", "dead"): t.mortality,
        ("progressed", "dead"): pr.rate_to_prob(p.death, t.cycle_length),
    }


def utilities(p, strategy, t):
    return {"stable": p.u, "progressed": 0.6}


def priced(rules, draws, price, *, both=False):
    """Run a three-state model whose drug is bought at a price, twelve packages a year."""

    def costs(p, strategy, t):
        buys = strategy == "new" or both
        return {
            "drug": {"stable": (12.0 if strategy == "new" else 5.0) * price if buys else 0.0},
            "infusion": {"progressed": 0.5 * price if strategy == "new" else 0.0},
            "care": {"stable": 0.2 * p.care, "progressed": p.care},
        }

    model = pr.MarkovModel(
        states=("stable", "progressed", "dead"),
        strategies=("standard", "new"),
        cycle=pr.months(1),
        horizon=pr.years(20),
        age=61,
        transitions=transitions,
        costs=costs,
        utilities=utilities,
    )
    return model.run(draws, rules)


@pytest.fixture(scope="module")
def draws():
    return pr.Parameters(
        progression=pr.gamma(mean=0.21, se=0.03, unit="per year", source="made up"),
        death=pr.gamma(mean=0.4, se=0.05, unit="per year", source="made up"),
        hr=pr.lognormal(median=0.6, ci=(0.45, 0.8), unit="ratio", source="made up"),
        care=pr.gamma(mean=150_000, se=20_000, unit="NOK/year", price_year=2024, source="made up"),
        u=pr.beta(mean=0.82, se=0.02, unit="utility", source="made up"),
    ).sample(40, seed=3)


@pytest.fixture(scope="module")
def model_run(rules, draws):
    return priced(rules, draws, PRICE)


@pytest.fixture(scope="module")
def found(model_run, rules):
    return price_analysis(
        model_run,
        reference="standard",
        option="new",
        category=["drug", "infusion"],
        price=PRICE,
        rules=rules,
        wtp=385_000.0,
    )


def net_benefit(out, wtp, draw=None):
    rows = slice(None) if draw is None else slice(draw, draw + 1)
    dc = (out.cost[1] - out.cost[0])[rows].mean()
    return wtp * (out.qaly[1] - out.qaly[0])[rows].mean() - dc


@pytest.mark.parametrize("wtp", [275_000.0, 385_000.0, 825_000.0])
def test_price_of_the_means_is_the_root_on_the_engine(rules, draws, found, wtp):
    level = next(x for x in found.levels if x.wtp == wtp)
    solved = brentq(
        lambda p: net_benefit(priced(rules, draws, p), wtp), -1e5, 1e5, xtol=1e-9, rtol=1e-14
    )
    assert level.price.value == pytest.approx(solved, rel=1e-9)
    at = priced(rules, draws, level.price.value)
    cea = pr.compare(at, reference="standard").pairwise[0]
    assert cea.icer == pytest.approx(wtp, rel=1e-9)
    assert level.discount == pytest.approx(1 - solved / PRICE, rel=1e-8)


@pytest.mark.parametrize("draw", [0, 7, 39])
def test_price_of_a_draw_is_its_root_on_the_engine(rules, draws, found, draw):
    k = [x.wtp for x in found.levels].index(385_000.0)
    solved = brentq(
        lambda p: net_benefit(priced(rules, draws, p), 385_000.0, draw),
        -1e5,
        1e5,
        xtol=1e-9,
        rtol=1e-14,
    )
    assert found.draw_prices[k, draw] == pytest.approx(solved, rel=1e-9)


def test_a_second_run_proves_or_refutes_proportionality(rules, draws, model_run):
    arguments = {"reference": "standard", "price": PRICE, "rules": rules}
    other = priced(rules, draws, 31_000.0)
    both = price_analysis(
        model_run, category=("drug", "infusion"), check=(other, 31_000.0), **arguments
    )
    assert both.checked_at == 31_000.0
    assert "verified by a second run" in " ".join(both.table().attrs["notes"])
    with pytest.raises(ResultError, match=r"cost is not linear in the price of 'drug'.*draw"):
        price_analysis(model_run, category="drug", check=(other, 31_000.0), **arguments)
    with pytest.raises(ResultError, match="the check is at the same price"):
        price_analysis(model_run, category="drug", check=(other, PRICE), **arguments)
    with pytest.raises(ResultError, match="price of the check is not usable"):
        price_analysis(model_run, category="drug", check=(other, -1.0), **arguments)
    fewer = Outcomes.from_arrays(["a", "b"], cost=np.ones((2, 2)), qaly=np.ones((2, 2)))
    with pytest.raises(ResultError, match="the check is another run"):
        price_analysis(model_run, category="drug", check=(fewer, 5.0), **arguments)


def test_the_reference_buys_at_the_same_price_or_not(rules, draws):
    out = priced(rules, draws, PRICE, both=True)
    arguments = {
        "reference": "standard",
        "category": ["drug", "infusion"],
        "price": PRICE,
        "levels": [605_000.0],
    }
    with pytest.raises(ResultError, match=r"reference has cost in the category too.*'fixed' when"):
        price_analysis(out, **arguments)
    same = price_analysis(out, in_reference="same price", **arguments).levels[0]
    solved = brentq(
        lambda p: net_benefit(priced(rules, draws, p, both=True), 605_000.0), -1e5, 1e6, rtol=1e-14
    )
    assert same.price.value == pytest.approx(solved, rel=1e-9)
    fixed = price_analysis(out, in_reference="fixed", **arguments)
    drug = out.cost_by_category[:2, 1].sum(axis=0)
    rest = out.cost[1] - out.cost[0] - drug
    gain = 605_000.0 * (out.qaly[1] - out.qaly[0]) - rest
    assert fixed.levels[0].price.value == pytest.approx(
        gain.mean() / drug.mean() * PRICE, rel=1e-12
    )
    other = priced(rules, draws, 2 * PRICE, both=True)
    price_analysis(out, in_reference="same price", check=(other, 2 * PRICE), **arguments)
    with pytest.raises(ResultError, match="not linear"):
        price_analysis(out, in_reference="fixed", check=(other, 2 * PRICE), **arguments)
    with pytest.raises(UnknownNameError, match="in_reference 'same'"):
        price_analysis(out, in_reference="same", **arguments)


def test_by_hand():
    """Four packages at 100; 1000 x 0.5 - 100 = 400 = 4 p, so 100; at 2000, 900 / 4 = 225."""
    found = analyse(two(400.0, 100.0, 0.5), levels=[1000.0, 2000.0])
    assert [x.price.value for x in found.levels] == pytest.approx([100.0, 225.0], rel=1e-14)
    assert [x.discount for x in found.levels] == pytest.approx([0.0, -1.25], abs=1e-14)
    assert found.levels[0].price.se is None
    assert found.levels[0].for_probability == ()
    np.testing.assert_allclose(found.cost_per_qaly([0.0, 225.0]), [200.0, 2000.0], rtol=1e-14)


def test_not_at_any_price():
    found = analyse(two(400.0, 700.0, 0.5))
    level = found.levels[0]
    assert level.price.value == pytest.approx(-50.0)
    assert (level.bound, level.discount) == ("at no price", None)
    assert "not at any price" in found.table().to_string()
    assert "ikke til noen pris" in found.table("no").to_string()
    assert "No price meets" in found.plot(Figure().subplots()).get_title(loc="left")


def test_fewer_qalys_can_still_have_a_price():
    """Half a QALY lost is worth 500; 900 saved elsewhere leaves 400 for four packages."""
    found = analyse(two(400.0, -900.0, -0.5))
    assert found.levels[0].price.value == pytest.approx(100.0, rel=1e-14)
    assert found.levels[0].bound == "at most"
    assert "not above 0" in " ".join(found.table().attrs["notes"])
    with pytest.raises(ResultError, match="cost per QALY has no meaning here"):
        found.plot(Figure().subplots())
    assert analyse(two(400.0, 0.0, -0.5)).levels[0].bound == "at no price"


def test_cost_that_falls_with_the_price():
    """The option buys two less: cost-effective from a price on, 1000 x 0.1 - 300 = -2 p."""
    out = two([100.0] * 2, [300.0] * 2, [0.1] * 2, reference_drug=300.0)
    found = analyse(out, in_reference="same price")
    level = found.levels[0]
    assert level.price.value == pytest.approx(100.0, rel=1e-14)
    assert (level.bound, level.discount, found.draw_prices) == ("at least", None, None)
    assert {w.status for w in level.for_probability} == {"no highest price"}
    text = found.table().to_string()
    assert "at least 100" in text
    assert "no highest price" in text
    sure = two([100.0] * 2, [0.0] * 2, [0.1] * 2, reference_drug=300.0)
    assert analyse(sure, in_reference="same price").levels[0].bound == "at any price"
    assert found.probability([50.0, 150.0], wtp=1000.0)[0].tolist() == [0.0, 1.0]


def test_draws_whose_cost_the_price_does_not_move():
    found = analyse(two([0.0, 0.0, 400.0, 400.0], [50.0, 900.0, 0.0, 100.0], 0.5))
    assert found.draw_prices.tolist() == [[np.inf, -np.inf, 125.0, 100.0]]
    half, eight = found.levels[0].for_probability[:2]
    assert (half.status, half.price) == ("at most", 125.0)
    assert (eight.status, eight.price) == ("at no price", None)
    assert found.levels[0].quantiles is None
    quarter = analyse(two([0.0, 400.0], [50.0, 900.0], 0.5), probabilities=[0.3]).levels[0]
    assert quarter.for_probability[0].status == "at any price"


@pytest.mark.parametrize("probability", [0.05, 0.5, 0.8, 0.9])
def test_price_for_a_probability_is_the_highest_that_will_do(found, probability, model_run, rules):
    wanted = price_analysis(
        model_run,
        reference="standard",
        category=["drug", "infusion"],
        price=PRICE,
        wtp=495_000.0,
        probabilities=[probability],
    )
    (result,) = wanted.levels[0].for_probability
    drawn = wanted.draw_prices[0]
    assert (drawn >= result.price).mean() >= probability
    assert (drawn > result.price).mean() < probability
    below, above = result.price * (1 - 1e-9), result.price * (1 + 1e-9)
    shares, _ = wanted.probability([below, above], wtp=495_000.0)
    assert shares[0] >= probability > shares[1]
    assert result.se > 0


@given(
    st.lists(
        st.tuples(st.floats(1, 1e4), st.floats(-1e4, 1e4), st.floats(-2, 2)),
        min_size=2,
        max_size=20,
    )
)
def test_a_draw_is_cost_effective_exactly_up_to_its_price(rows):
    drug, rest, gain = np.array(rows).T
    found = analyse(two(drug, rest, gain))
    for price in (0.0, 50.0, 100.0, 1e3):
        benefit = 1000.0 * gain - rest - drug / 100.0 * price
        clear = np.abs(benefit) > 1e-6
        up_to = price <= found.draw_prices[0]
        np.testing.assert_array_equal(up_to[clear], benefit[clear] > 0)


def test_monte_carlo_error_of_the_mean_price():
    """Over repeated runs the price scatters as its standard error says."""
    rng = np.random.default_rng(5)

    def price(n):
        volume = rng.gamma(40, 10, n)
        gain = rng.normal(0.5, 0.2, n) + 0.0005 * (volume - 400)
        return analyse(two(volume, rng.normal(100, 50, n), gain)).levels[0].price

    prices = [price(400) for _ in range(1500)]
    scatter = np.std([p.value for p in prices], ddof=1)
    assert np.mean([p.se for p in prices]) == pytest.approx(scatter, rel=0.08)


def test_probability_now_is_that_of_the_assessment(found, model_run):
    increments = 385_000.0 * (model_run.qaly[1] - model_run.qaly[0]) - (
        model_run.cost[1] - model_run.cost[0]
    )
    assert found.own.probability_now.value == (increments > 0).mean()
    assert found.probability([PRICE], wtp=385_000.0)[0][0] == (increments > 0).mean()


def test_the_limit_is_that_of_the_severity_class(model_run, rules):
    severity = pr.absolute_shortfall(model_run["standard"], age=61, rules=rules)
    arguments = {"reference": "standard", "category": "drug", "price": PRICE}
    found = price_analysis(model_run, severity=severity, **arguments)
    assert found.limit == severity.expected.wtp
    assert [x.wtp for x in found.levels] == [severity.expected.wtp]
    levels = [x.wtp for x in price_analysis(model_run, rules=rules, **arguments).levels]
    assert levels == [c.wtp for c in rules.severity.classes]
    other = pr.absolute_shortfall(model_run["new"], age=61, rules=rules)
    with pytest.raises(ResultError, match="severity of another strategy"):
        price_analysis(model_run, severity=other, **arguments)
    with pytest.raises(ResultError, match="two limits"):
        price_analysis(model_run, severity=severity, wtp=5e5, **arguments)


def test_views(found):
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.draw_prices, found.draw_prices)
    assert again.levels == found.levels
    with pytest.raises(ValueError, match="read-only"):
        found.draw_prices[0, 0] = 1.0
    frame = found.to_frame()
    assert frame.loc[frame["quantity"] == "price", "value"].tolist() == [
        x.price.value for x in found.levels
    ]
    for language, word in (("en", "the case's limit"), ("no", "sakens grense")):
        assert word in found.table(language).to_string()
        for plot in (found.plot, found.plot_probability):
            ax = Figure().subplots()
            assert plot(ax, language=language) is ax
            assert ax.has_data()
    assert "at most" in repr(found)
    assert "<table" in found._repr_html_()
    single = analyse(two(400.0, 100.0, 0.5))
    single.plot(Figure().subplots())
    with pytest.raises(ResultError, match="one draw has no probability"):
        single.plot_probability(Figure().subplots())


def test_error_of_a_price_is_that_of_a_ratio_where_use_varies_by_draw(run):
    """``sd(gain - p a) / (sqrt(n) mean(a))``: use and gain vary together, so most cancels."""
    rng = np.random.default_rng(8)
    use = rng.gamma(25.0, 0.04, 500)
    gain = 2.0 * use + rng.normal(0.0, 0.05, 500)
    out = run([0 * use, 100.0 * use], [0 * gain, gain])
    found = price_analysis(out, reference="standard", category="total", price=100, wtp=60)
    ratio = 60 * gain.mean() / use.mean()
    expected = np.std(60 * gain - ratio * use, ddof=1) / np.sqrt(500) / use.mean()
    assert found.own.price.value == pytest.approx(ratio, rel=1e-12)
    assert found.own.price.se == pytest.approx(expected, rel=1e-10)
