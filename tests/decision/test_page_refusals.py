"""What a page of a decision refuses: secrets in public, and results of different runs."""

from dataclasses import replace

import pytest

from prioritering.decision import assess, price_analysis
from prioritering.decision.agreements import priced
from prioritering.decision.page.page import decision_page
from prioritering.errors import ConfidentialError, ResultError, UnknownNameError
from prioritering.severity import absolute_shortfall

from .page_material import PAIR, RULES, at_net, budget, everything, needed, outcomes

DISCOUNT = 0.4


def rows(page):
    return {row.name: row for row in page.rows}


def test_secret_results_are_refused_in_public():
    secret = at_net(DISCOUNT)["net"].outcomes
    decision = assess(secret, needed()["severity"], RULES, **PAIR)
    with pytest.raises(ConfidentialError, match=r"outcomes rests on a secret price.*agreement"):
        decision_page(**needed() | {"outcomes": secret, "decision": decision})
    shown = decision_page(
        **needed() | {"outcomes": secret, "decision": decision}, view="confidential"
    )
    assert shown.confidential == "prices under a confidential agreement"
    page = decision_page(**everything() | {"budget": budget(secret)})
    growth = rows(page)["net_growth[2027]"]
    assert (growth.cell.standing, growth.cell.value) == ("not published", None)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"title": " "}, "a page without a title"),
        ({"assumptions": ["", "x"]}, "assumptions without words"),
        ({"outcomes": outcomes(900e3)}, "decision is of another run.*found"),
        ({"net_budget": 1}, "a budget at the net price alone.*found net_budget without"),
    ],
)
def test_what_does_not_belong_together_is_refused(change, match):
    with pytest.raises(ResultError, match=match):
        decision_page(**needed() | change)


def test_other_limits_runs_and_severities_are_refused():
    run, found = outcomes(), needed()
    other = price_analysis(run, category="drug", price=10.0, wtp=100_000.0, **PAIR)
    with pytest.raises(ResultError, match=r"price at another limit.*wtp=decision.wtp"):
        decision_page(**found, price=other)
    cheaper = price_analysis(
        outcomes(900e3), category="drug", price=10.0, wtp=found["decision"].wtp, **PAIR
    )
    with pytest.raises(ResultError, match="price is of another run"):
        decision_page(**found, price=cheaper)
    severity = absolute_shortfall(run["standard"], age=80, rules=RULES)
    with pytest.raises(ResultError, match="severity is another than the decision's"):
        decision_page(**found | {"severity": severity})
    turned = replace(everything()["budget"], reference="new", option="standard")
    with pytest.raises(ResultError, match="budget compares other strategies.*'new' against"):
        decision_page(**found, budget=turned)


def test_net_prices_that_do_not_fit_are_refused():
    run = outcomes()
    same = priced(run, option="new", discounting=RULES.discounting)
    for factor, found in ((1.0, "does not fall"), (1.2, "does not fall"), (-0.1, "below 0")):
        net = same.scaled(["drug"], factor)
        with pytest.raises(ResultError, match=f"not below the maximum price.*{found}"):
            decision_page(**needed(), net=net)
    with pytest.raises(ResultError, match="the net price is of another run"):
        decision_page(**needed(), net=at_net(0.4, 620e3, 0.4)["net"])
    more = budget(at_net(0.4)["net"].outcomes, incidence=10)
    with pytest.raises(ResultError, match="other years or patients"):
        decision_page(**everything(), net=at_net(0.4)["net"], net_budget=more)
    with pytest.raises(UnknownNameError, match="unknown view 'secret'"):
        decision_page(**needed(), view="secret")
