"""The page of a decision: every number where it comes from, and no net price in public."""

import json
import pickle
from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritering.decision import assess
from prioritering.decision.agreements import FlatDiscount, compare_agreements, priced
from prioritering.decision.page.net import net_price
from prioritering.decision.page.page import decision_page
from prioritering.decision.page.rows import PRICE_SOURCE
from prioritering.decision.publication import CONFIDENTIAL

from .page_material import PAIR, RULES, at_net, budget, everything, needed, outcomes

LEAST = RULES.publication.narrowest_price_range
DISCOUNT = 0.4


def rows(page):
    return {row.name: row for row in page.rows}


@pytest.fixture(scope="module")
def public():
    return decision_page(**everything(), **at_net(DISCOUNT))


@pytest.fixture(scope="module")
def confidential():
    return decision_page(**everything(), **at_net(DISCOUNT), view="confidential")


def increments(run):
    return run.cost[1] - run.cost[0], run.qaly[1] - run.qaly[0]


def test_numbers_are_those_of_the_arrays(public):
    found, run = rows(public), outcomes()
    cost, gain = increments(run)
    years = run.life_years[1] - run.life_years[0]
    wtp = found["limit"].cell.value
    benefit = wtp * gain - cost
    expected = {
        "incremental_qaly": gain.mean(),
        "life_years": years.mean(),
        "incremental_cost": cost.mean(),
        "icer": cost.mean() / gain.mean(),
        "cost_per_life_year": cost.mean() / years.mean(),
        "probability_cost_effective": (benefit > 0).mean(),
        "loss_of_wrong_yes": np.maximum(-benefit, 0).mean(),
        "loss_of_wrong_no": np.maximum(benefit, 0).mean(),
        "price_at_limit[per unit]": 12_000
        * (1 + benefit.mean() / run.cost_by_category[0, 1].mean()),
        "required_discount": -benefit.mean() / run.cost_by_category[0, 1].mean(),
        "qalys_gained": 600 * gain.mean(),
        "qalys_displaced": 600 * cost.mean() / RULES.opportunity_cost,
        "hours_per_patient[nurse, specialist health service]": 21.0,
        "net_growth[2027]": 180 * 0.3 * 0.6 * cost.mean(),
        "limit_growth[2027]": 180 * 0.3 * 0.6 * run.cost_by_category[0, 1].mean(),
        "authority_limit": RULES.authority_limit,
    }
    for name, value in expected.items():
        assert found[name].cell.value == pytest.approx(value, rel=1e-10), name
    error = gain.std(ddof=1) / np.sqrt(gain.size)
    assert found["incremental_qaly"].cell.se == pytest.approx(error, rel=1e-10)


def test_sections_stand_in_order_and_name_their_rules(public):
    sections = list(dict.fromkeys(row.section for row in public.rows))
    assert sections == [
        "comparison", "benefit", "resources", "severity", "limit", "uncertainty", "price",
        "budget", "opportunity_cost", "personnel", "perspective", "route", "assumptions",
        "sources",
    ]  # fmt: skip
    limit, growth = rows(public)["limit"].origin, rows(public)["net_growth[2027]"].origin
    rule = RULES.rules["severity"]
    assert limit.date == rule.in_force_from.isoformat()
    assert limit.status == rule.status
    assert rule.source.document in limit.source
    assert (growth.source, growth.date, growth.status) == ("model of trial X", "", "computed")


def test_the_limit_says_what_it_counts_and_the_growth_it_is_held_against_is_shown(
    public, confidential
):
    page = rows(public)
    assert page["authority_limit"].cell.words == ("counts drug",)
    assert page["limit_growth[2027]"].cell.value != page["net_growth[2027]"].cell.value
    assert page["limit_growth[2027]"].net.standing == "not published"
    drug = outcomes().cost_by_category[0, 1].mean()
    expected = 180 * 0.3 * 0.6 * (1 - DISCOUNT) * drug
    net = rows(confidential)["limit_growth[2027]"].net
    assert net.value == pytest.approx(expected, rel=1e-10)


def test_what_is_computed_from_a_rule_is_computed(public):
    page, rule = rows(public), RULES.rules["opportunity_cost"]
    assert (page["qalys_gained"].origin.status, page["qalys_gained"].origin.date) == (
        "computed",
        "",
    )
    for key in ("qalys_displaced", "qalys_net"):
        origin = page[key].origin
        assert (origin.status, origin.date) == ("computed", rule.in_force_from.isoformat())
        assert rule.source.document in origin.source


@pytest.mark.parametrize(
    ("sources", "source", "status"),
    [
        (["time study"], "time study", "stated"),
        (["assumption"], "", "assumption"),
        (["time study", "assumption"], "time study", "assumption"),
    ],
)
def test_an_assumption_is_no_source(sources, source, status):
    hours = everything()["personnel"]
    page = decision_page(
        **everything() | {"personnel": replace(hours, sources={"infusions": tuple(sources)})}
    )
    origin = next(row.origin for row in page.rows if row.key == "hours_per_patient")
    assert (origin.source, origin.status) == (source, status)
    price = everything()["price"]
    told = {**price.provenance, PRICE_SOURCE: sources[-1]}
    page = decision_page(**everything() | {"price": replace(price, provenance=told)})
    origin = rows(page)["current_price[per unit]"].origin
    assert origin.status == ("assumption" if sources[-1] == "assumption" else "stated")


def test_no_discount_is_claimed_where_there_is_none(confidential):
    found = rows(confidential)["agreed_discount"]
    assert (found.cell.value, found.cell.words) == (None, ("no_agreement",))
    cheap = outcomes(drug=10e3)
    material = everything(10e3)
    assert material["price"].own.discount < 0
    page = rows(decision_page(**material | {"outcomes": cheap}))
    assert page["required_discount"].cell.words == ("no_discount",)
    assert page["required_discount"].cell.value is None


def test_agreements_stand_with_the_price():
    known = {"step one": FlatDiscount(0.2, "drug", confidential=False)}
    found = compare_agreements(
        outcomes(), everything()["decision"].severity, RULES, agreements=known, **PAIR
    )
    page = decision_page(**everything(), agreements=found)
    sections = [row.section for row in page.rows]
    assert [name for name, _ in groupby(sections)] == list(dict.fromkeys(sections))


def test_what_was_not_given_is_not_stated():
    page = decision_page(**needed())
    assert set(page.not_stated) == {
        "patients", "judgement", "price", "budget", "opportunity_cost", "personnel", "left_out",
        "assumptions", "sources",
    }  # fmt: skip
    assert not any(row.section == "route" for row in page.rows)
    assert all(row.net is None for row in page.rows)
    stated = decision_page(**everything()).not_stated
    assert "silent[patient's time for treatment and follow-up]" in stated
    assert "criterion_worldwide" in stated


def test_the_confidential_view_has_both_prices_and_its_mark(confidential):
    found, run = rows(confidential), outcomes()
    cost, gain = increments(run)
    net = cost - DISCOUNT * run.cost_by_category[0, 1]
    benefit = found["limit"].cell.value * gain - net
    expected = {
        "incremental_cost": net.mean(),
        "icer": net.mean() / gain.mean(),
        "probability_cost_effective": (benefit > 0).mean(),
        "loss_of_wrong_yes": np.maximum(-benefit, 0).mean(),
        "qalys_displaced": 600 * net.mean() / RULES.opportunity_cost,
        "qalys_net": 600 * (gain.mean() - net.mean() / RULES.opportunity_cost),
        "agreed_discount": DISCOUNT,
        "current_price[per unit]": 12_000 * (1 - DISCOUNT),
        "net_growth[2027]": 180 * 0.3 * 0.6 * net.mean(),
    }
    for name, value in expected.items():
        assert found[name].net.value == pytest.approx(value, rel=1e-9), name
    assert found["icer"].cell.value == pytest.approx(cost.mean() / gain.mean(), rel=1e-12)
    assert found["incremental_qaly"].net is None
    assert confidential.confidential.startswith("net prices")
    assert confidential.to_dict()["confidential"] == confidential.provenance[CONFIDENTIAL]
    assert confidential.not_published == ()


def test_the_public_view_says_sides_and_words_only(public):
    found = rows(public)
    assert found["icer"].net.words == ("within",)
    assert found["passed_in"].net.words == ("not_passed",)
    published = {row.key for row in public.rows if row.net and row.net.standing == "stated"}
    assert published <= {"icer", "scenario", "passed_in", "probability_cost_effective"}
    assert all(row.net.value is None for row in public.rows if row.net)
    assert {"incremental_cost", "agreed_discount", "qalys_net"} <= set(public.not_published)
    assert public.confidential == ""
    assert public.publication.open_share >= LEAST


def numbers(page, which):
    return {
        value
        for row in page.rows
        if (cell := getattr(row, which)) is not None
        for value in (cell.value, cell.se)
        if value is not None and abs(value) > 1e-3
    }


def test_no_number_at_the_net_price_is_in_the_public_page(public, confidential):
    secret = numbers(confidential, "net") - numbers(confidential, "cell")
    assert len(secret) > 20
    assert not secret & numbers(public, "cell")
    assert not secret & numbers(public, "net")
    plain = json.dumps(public.to_dict())
    packed = pickle.dumps(public)
    for value in secret:
        assert repr(value) not in plain
        assert np.float64(value).tobytes() not in packed


CASES = [(900e3, 0.4), (1.5e6, 0.5)]


@pytest.mark.parametrize(("drug", "width"), CASES)
def test_every_public_page_is_that_of_a_range_of_discounts(drug, width):
    """Pages are equal, refusals and all, over at least the rule's width of net prices."""
    material, prices = everything(drug, width), np.linspace(0.0, 0.96, 25)
    pages = {}
    for price in prices:
        page = decision_page(**material, **at_net(1.0 - price, drug, width))
        pages.setdefault((json.dumps(page.to_dict()), page.text("no")), []).append(price)
    step = prices[1] - prices[0]
    for same in pages.values():
        assert len(same) * step >= LEAST - step
    assert sum(map(len, pages.values())) == prices.size


def test_the_pages_of_the_cases_differ_in_what_they_say():
    said = set()
    for drug, width in CASES:
        for discount in (0.1, 0.5, 0.9):
            page = decision_page(**everything(drug, width), **at_net(discount, drug, width))
            said |= {(r.key, *r.net.words) for r in page.rows if r.net and r.net.words}
            said |= {(r.key, r.net.text.en) for r in page.rows if r.net and r.net.text}
    assert {("icer", "within"), ("icer", "beyond"), ("passed_in", "passed")} <= said
    assert ("probability_cost_effective", "half_or_more") in said
    assert ("scenario", "Scenario 3: cost per QALY far above the limit") in said


@settings(max_examples=12)
@given(discount=st.floats(0.02, 0.98))
def test_figures_along_the_net_price_are_those_of_a_run_at_it(discount):
    material, secret = everything(), at_net(discount)
    line = net_price(outcomes(), secret["net"], material["decision"], RULES)
    there = assess(
        secret["net"].outcomes, material["severity"], RULES,
        documentation=material["decision"].documentation.detail, **PAIR,
    )  # fmt: skip
    at = np.array([1.0 - discount])
    assert line.share == pytest.approx(1.0 - discount, rel=1e-12)
    assert line.even
    assert line.net_benefit(at)[0] == pytest.approx(there.net_benefit.mean(), rel=1e-9, abs=1e-6)
    assert line.line.cost_per_qaly(at)[0] == pytest.approx(there.icer or np.nan, rel=1e-9) or (
        there.icer is None
    )
    chance = line.line.probability(at, wtp=there.wtp)[0][0]
    assert chance == pytest.approx(there.probability_cost_effective.value, abs=1.01 / there.n_draws)
    assert line.cell(at)[0] == there.cell
    growth = line.growth(material["budget"], secret["net_budget"])
    passed = secret["net_budget"].limit.passed_in is not None
    assert growth(at)[0] == ("passed" if passed else "not_passed")


def test_growth_beside_the_limit_follows_the_price():
    big = {"budget": budget(outcomes(), incidence=300)}
    material, secret = everything() | big, at_net(0.5)
    secret["net_budget"] = budget(secret["net"].outcomes, incidence=300)
    line = net_price(outcomes(), secret["net"], material["decision"], RULES)
    at = line.growth(big["budget"], secret["net_budget"])
    for discount in (0.05, 0.3, 0.7):
        there = budget(at_net(discount)["net"].outcomes, incidence=300)
        word = "not_passed" if there.limit.passed_in is None else "passed"
        assert at(np.array([1.0 - discount]))[0] == word
    assert set(at(np.array([0.1, 1.0]))) == {"passed", "not_passed"}


def test_an_agreement_that_is_no_share_of_the_price_is_not_spoken_of():
    run = outcomes()
    start = priced(run, option="new", discounting=RULES.discounting)
    uneven = start.scaled(["drug"], np.linspace(0.3, 0.9, run.n_draws))
    page = decision_page(**everything(), net=uneven)
    assert all(row.net.standing == "not published" for row in page.rows if row.net)
    assert [r.kind for r in page.publication.refused] == ["secret"] * 3
    both = decision_page(**everything(), net=uneven, view="confidential")
    net = uneven.outcomes.cost[1] - run.cost[0]
    assert rows(both)["incremental_cost"].net.value == pytest.approx(net.mean(), rel=1e-12)
    assert rows(both)["net_growth[2027]"].net.standing == "not stated"


def test_what_is_too_close_stands_beside_at_both_prices():
    material, secret = everything(), at_net(0.215)
    page = rows(decision_page(**material, **secret, view="confidential"))
    there = assess(secret["net"].outcomes, material["severity"], RULES, **PAIR)
    assert page["too_close"].cell.words == material["decision"].too_close or ("none",)
    assert page["too_close"].net.words == there.too_close
    assert "expected net benefit" in there.too_close


def test_agreements_are_listed_and_secret_ones_kept():
    known = {
        "step one": FlatDiscount(0.2, "drug", confidential=False),
        "step two": FlatDiscount(0.5, "drug"),
    }
    found = compare_agreements(
        outcomes(), needed()["severity"], RULES, agreements=known, **PAIR
    )  # fmt: skip
    page = rows(decision_page(**needed(), agreements=found))
    icer = found["step one"].decision.icer
    assert page["icer_under[step one]"].cell.value == icer
    assert page["icer_under[step two]"].cell.standing == "not published"
    both = rows(decision_page(**needed(), agreements=found, view="confidential"))
    assert both["icer_under[step two]"].cell.value == found["step two"].decision.icer


def test_the_frame_is_raw_and_complete(confidential):
    frame = confidential.to_frame()
    assert len(frame) == len(confidential.rows)
    row = frame.set_index("key").loc["icer"]
    assert row["net_value"] == rows(confidential)["icer"].net.value
    assert frame["value"].isna().any()


def test_a_page_survives_pickle(public):
    again = pickle.loads(pickle.dumps(public))
    assert again.to_dict() == public.to_dict()
    assert "not published" in repr(again)
