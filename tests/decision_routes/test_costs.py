import math
import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritering.conventions import Discounting
from prioritering.costing import drg_cost
from prioritering.decision.routes import Device, cost_minimisation
from prioritering.decision.routes.devices import annuity_factor
from prioritering.errors import DataError, ResultError, UnknownNameError
from prioritering.outcomes import Outcomes

FOUR = Discounting.flat(0.04)
NORWEGIAN = Discounting.stepped((0, 0.04), (40, 0.03), (75, 0.02))


@pytest.fixture(scope="module")
def alike():
    """QALYs that differ by about 0.02 either way; the option is cheaper."""
    rng = np.random.default_rng(2)
    base = rng.normal(6.0, 0.3, 800)
    drug = rng.gamma(100.0, 1_000.0, 800)
    return Outcomes.from_arrays(
        ["old", "new"],
        cost={"drug": [drug, 0.8 * drug], "care": [0 * drug + 20_000, 0 * drug + 21_000]},
        qaly=[base, base + rng.normal(0.0, 0.01, 800)],
    )


def minimise(outcomes, **how):
    terms = {
        "reference": "old",
        "option": "new",
        "margin": 0.05,
        "reason": "too small to notice",
    }
    return cost_minimisation(outcomes, **terms | how)


def test_costs_are_compared_once_effects_are_alike(alike):
    found = minimise(alike)
    cost = alike.cost[1] - alike.cost[0]
    qaly = alike.qaly[1] - alike.qaly[0]
    assert found.comparable
    assert found.despite is None
    assert found.cost_difference.value == pytest.approx(cost.mean(), rel=1e-12)
    assert found.cost_difference.se == pytest.approx(cost.std(ddof=1) / math.sqrt(800), rel=1e-10)
    assert (found.qaly_low, found.qaly_high) == tuple(np.quantile(qaly, [0.025, 0.975]))
    assert found.cost_by_category["care"].value == pytest.approx(1_000.0, rel=1e-12)
    assert found.probability_cheaper.value == np.mean(cost < 0)


def test_effects_not_shown_to_be_alike_are_refused_unless_stated(alike):
    with pytest.raises(ResultError, match=r"not shown to be comparable.*within -0\.01 to 0\.01"):
        minimise(alike, margin=0.01)
    found = minimise(alike, margin=0.01, despite="The authority asked for it.")
    assert not found.comparable
    assert "NOT shown" in found.table().attrs["notes"][0]
    assert "IKKE vist" in found.table("no").attrs["notes"][0]


@pytest.mark.parametrize("shift", [-0.2, 0.2])
def test_effects_far_apart_either_way_are_refused(alike, shift):
    apart = replace(alike, qaly=alike.qaly + np.array([[0.0], [shift]]))
    with pytest.raises(ResultError, match="not shown to be comparable"):
        minimise(apart)


def test_a_wider_interval_may_pass_the_margin(alike):
    assert minimise(alike, margin=0.022, level=0.95).comparable
    with pytest.raises(ResultError, match="not shown to be comparable"):
        minimise(alike, margin=0.022, level=0.999)


@pytest.mark.parametrize("language", ["en", "no"])
def test_views_of_cost_minimisation(alike, language):
    found = minimise(alike)
    assert found.table(language).shape == (7, 2)
    ax = found.plot(language=language)
    points = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "s"]
    assert points == [pytest.approx(found.qaly_difference.value)]
    assert pickle.loads(pickle.dumps(found)).to_frame().equals(found.to_frame())
    assert "<table" in found._repr_html_()


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"margin": 0.0}, "margin out of range"),
        ({"reason": " "}, "no reason for the margin"),
        ({"despite": ""}, "no statement"),
        ({"level": 1.0}, "level out of range"),
        ({"option": "old"}, "no option to hold against the reference.*found 'old'"),
    ],
)
def test_terms_of_cost_minimisation_are_checked(alike, how, message):
    with pytest.raises(ResultError, match=message):
        minimise(alike, **how)


def test_one_draw_shows_nothing():
    one = Outcomes.from_arrays(["old", "new"], cost=[[1.0], [2.0]], qaly=[[1.0], [1.0]])
    with pytest.raises(ResultError, match="one draw has no distribution"):
        minimise(one)


def laser(**how):
    terms = {
        "investment": 1_000_000,
        "lifetime": 10,
        "uses_per_year": 200,
        "capacity_per_year": 250,
        "shares": {"eye": 0.75, "skin": 0.25},
    }
    return Device(**terms | how)


@given(lifetime=st.integers(1, 39), rate=st.floats(1e-4, 0.3))
def test_annuity_at_one_rate_is_the_closed_form(lifetime, rate):
    closed = (1 - (1 + rate) ** -lifetime) / rate
    found = annuity_factor(lifetime, discounting=Discounting.flat(rate))
    assert found == pytest.approx(closed, rel=1e-9)


def test_annuity_under_the_stepped_rates_is_four_per_cent_for_forty_years():
    # 8.1109 and 11.1184: annuity factors at 4 % for 10 and 15 years of any interest table
    assert annuity_factor(10, discounting=NORWEGIAN) == pytest.approx(8.1109, abs=5e-5)
    assert annuity_factor(15, discounting=NORWEGIAN) == pytest.approx(11.1184, abs=5e-5)


def test_without_discounting_the_investment_is_spread_evenly():
    cost = laser(lifetime=12.5, maintenance=30_000).cost(Discounting.none())
    assert cost.annuity_factor == 12.5
    assert cost.annual == pytest.approx(1_000_000 / 12.5 + 30_000, rel=1e-12)


@given(
    lifetime=st.floats(0.3, 30.0),
    residual=st.floats(0.0, 1e6),
    maintenance=st.floats(0.0, 1e6),
)
def test_annual_costs_over_the_lifetime_are_worth_the_investment(lifetime, residual, maintenance):
    cost = laser(lifetime=lifetime, residual=residual, maintenance=maintenance).cost(FOUR)
    whole = math.floor(lifetime)
    present = sum(cost.annual_investment * 1.04**-k for k in range(1, whole + 1))
    present += (lifetime - whole) * cost.annual_investment * 1.04**-lifetime
    assert present + residual * 1.04**-lifetime == pytest.approx(1_000_000, rel=1e-10)


def test_uses_and_indications_bear_the_whole_annual_cost():
    cost = laser(maintenance=50_000, consumables={"eye": 100.0}, uses_per_patient={"skin": 3}).cost(
        FOUR
    )
    assert sum(cost.annual_by_indication.values()) == pytest.approx(cost.annual, rel=1e-12)
    assert sum(cost.uses.values()) == pytest.approx(200, rel=1e-12)
    assert cost.cost_per_use == pytest.approx(cost.annual / 200, rel=1e-12)
    assert cost.cost_per_patient["eye"] == pytest.approx(cost.cost_per_use + 100, rel=1e-12)
    assert cost.cost_per_patient["skin"] == pytest.approx(3 * cost.cost_per_use, rel=1e-12)


def test_unused_capacity_is_the_gap_between_use_and_capacity():
    cost = laser().cost(FOUR)
    assert cost.unused == 50
    assert cost.cost_of_unused == pytest.approx(
        cost.annual - 200 * cost.cost_per_use_at_capacity, rel=1e-12
    )
    full = laser(uses_per_year=250).cost(FOUR)
    assert full.unused == 0
    assert full.cost_per_use == full.cost_per_use_at_capacity


def test_drg_costs_are_the_full_unit_price():
    # half of the unit price of activity-based financing in 2024, NOK 52 248
    cost = laser(drg_weights={"eye": 0.5}, drg_year=2024).cost(FOUR)
    assert dict(cost.drg_by_indication) == {"eye": 26_124}
    source = drg_cost(0.5, year=2024).source
    assert cost.provenance["drg"] == source
    assert any(f"Unit price: {source}" in note for note in cost.table().attrs["notes"])
    assert "drg" not in laser().cost(FOUR).provenance


@pytest.mark.parametrize("language", ["en", "no"])
def test_views_of_a_device(language):
    cost = laser(drg_weights={"eye": 0.5}, drg_year=2024).cost(FOUR)
    assert cost.table(language).shape == (14, 1)
    assert pickle.loads(pickle.dumps(cost)).to_frame().equals(cost.to_frame())
    assert "<table" in cost._repr_html_()


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"lifetime": 0}, "lifetime out of range; expected a finite number above 0; found 0"),
        ({"lifetime": -3}, "lifetime out of range"),
        ({"uses_per_year": 0}, "uses_per_year out of range"),
        ({"investment": math.inf}, "investment out of range"),
        ({"residual": 2e6}, "residual out of range; expected an amount from 0 to the investment"),
        ({"maintenance": -1}, "maintenance out of range"),
        ({"shares": {"eye": 0.75, "skin": 0.2}}, r"do not sum to one.*found 0\.95"),
        ({"shares": {}}, "do not sum to one"),
        ({"uses_per_year": 300}, "more uses than the device can give; expected at most 250"),
        ({"drg_weights": {"eye": 1.0}}, "DRG weights without a unit price"),
        ({"uses_per_patient": {"eye": 0}}, "uses_per_patient of 'eye' out of range"),
    ],
)
def test_terms_of_a_device_are_checked(how, message):
    with pytest.raises(ResultError, match=message):
        laser(**how)


def test_an_indication_without_a_share_is_refused():
    with pytest.raises(UnknownNameError, match=r"unknown indication 'eyes'.*'eye'"):
        laser(consumables={"eyes": 1.0})


def test_a_year_without_a_unit_price_or_a_negative_weight_is_refused():
    with pytest.raises(DataError, match=r"no unit price of a DRG point.*found 1990"):
        laser(drg_weights={"eye": 1.0}, drg_year=1990)
    with pytest.raises(ResultError, match="drg_weights of 'eye' out of range"):
        laser(drg_weights={"eye": -1.0}, drg_year=2024)
