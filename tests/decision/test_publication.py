"""What is published never gives a secret price away, alone or together."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prioritering import guideline
from prioritering.decision.publication import (
    CONFIDENTIAL,
    public_view,
    refuse_confidential,
)
from prioritering.errors import ConfidentialError, GuidelineError, ResultError

RULES = guideline("no", as_of="2026-11-01")
LEAST = RULES.publication.narrowest_price_range


def icer(price):
    return 100_000 + 900_000 * price


def budget(price):
    return 20e6 + 100e6 * price


def scenario(price):
    return np.where(price < 0.35, "1", np.where(price < 0.6, "neither", "3"))


@pytest.fixture
def view():
    return public_view(RULES)


def test_a_range_leaves_the_prices_that_give_it(view):
    said = view.publish_range("ICER", -np.inf, 550_000, value=icer(0.2), at=icer)
    assert said.open_share == pytest.approx(0.49, abs=2e-4)
    assert said.statements[0].text == "-inf to 550000"
    assert said.statements[0].depends_on_price
    assert view.statements == ()
    assert view.open_share == 1.0


@pytest.mark.parametrize("price", [0.0, 0.37, 0.123456, 1.0])
def test_an_exact_figure_is_refused(view, price):
    with pytest.raises(ConfidentialError, match=r"ICER would give the net price away.*20%.*0\.0%"):
        view.publish_range("ICER", icer(price), icer(price), value=icer(price), at=icer)


@pytest.mark.parametrize(
    ("low", "high"), [(0, icer(0.6)), (icer(0.6), np.inf), (0, icer(0.6) + 8_999)]
)
def test_an_end_laid_at_the_figure_is_refused_and_not_noted(view, low, high):
    """Noted among refusals, it would itself be the figure."""
    with pytest.raises(ResultError, match=r"end of the range of ICER is the figure.*at least 9000"):
        view.ask("ICER", lambda v: v.publish_range("ICER", low, high, value=icer(0.6), at=icer))


def test_a_range_without_the_figure_is_refused(view):
    with pytest.raises(ResultError, match="ICER does not lie in the range"):
        view.publish_range("ICER", 0, 500_000, value=icer(0.6), at=icer)


@given(price=st.floats(0, 1), limit=st.floats(0.25, 0.75))
def test_whoever_knows_how_ends_are_refused_is_still_left_the_least_share(price, limit):
    """Prices by the end are struck out beforehand, so that what is published says no more."""
    end = float(icer(limit))
    low, high = (0.0, end) if price < limit else (end, np.inf)
    try:
        said = public_view(RULES).publish_range("x", low, high, value=icer(price), at=icer)
    except ResultError:
        assert abs(price - limit) < 0.0101
        return
    assert said.possible[min(int(price * 10_000), 9_999)]
    assert said.open_share >= LEAST


def test_two_figures_that_together_give_the_price_away_are_refused_by_name(view):
    once = view.publish_range("ICER", 0, icer(0.6), value=icer(0.55), at=icer)
    low, net = budget(0.5), budget(0.55)
    assert view.publish_range("budget", low, np.inf, value=net, at=budget).open_share > 0.48
    with pytest.raises(
        ConfidentialError, match=r"budget would give.*together with 'ICER'.*found 8\.0%"
    ):
        once.publish_range("budget", low, np.inf, value=net, at=budget)


def test_the_scenario_is_an_answer_that_tells_something(view):
    said = view.publish_answer("scenario", "neither", at=scenario)
    assert said.open_share == pytest.approx(0.25, abs=2e-4)
    with pytest.raises(ConfidentialError, match=r"together with 'scenario'"):
        said.publish_range("ICER", 0, icer(0.5), value=icer(0.4), at=icer)


def test_a_figure_that_does_not_move_with_the_price_tells_nothing(view):
    said = view.publish_range(
        "QALYs", 1.2, 1.2, value=1.2, at=lambda price: np.full(price.shape, 1.2)
    )
    assert said.open_share == 1.0


def test_results_at_maximum_prices_are_published_as_they_are(view):
    said = view.publish("ICER at maximum price", "NOK 1,000,000", {"guideline": "no"})
    assert not said.statements[0].depends_on_price
    assert said.open_share == 1.0


def test_a_result_under_a_secret_price_is_refused_in_a_public_view(view):
    secret = {CONFIDENTIAL: "flat discount"}
    with pytest.raises(
        ConfidentialError, match=r"ICER rests on a secret price.*maximum prices.*flat discount"
    ):
        view.publish("ICER", "NOK 500,000", secret)
    with pytest.raises(ConfidentialError, match="budget rests on a secret price"):
        refuse_confidential("budget", secret)
    with pytest.raises(ConfidentialError, match="portfolio rests on.*flat discount"):
        refuse_confidential("portfolio", {"cases": {"a": {"seed": 1}, "b": secret}})
    refuse_confidential("budget", {})


def test_a_figure_that_does_not_say_where_it_is_from_is_refused(view):
    """A mark that was taken off would look like this."""
    with pytest.raises(ConfidentialError, match=r"ICER comes from nowhere.*result\.provenance"):
        view.publish("ICER", "NOK 500,000", {})


def test_refusals_are_noted_with_their_kind(view):
    said = (
        view.ask("net ICER", lambda v: v.publish_range("net ICER", 1e5, 1e5, value=1e5, at=icer))
        .ask("ICER", lambda v: v.publish("ICER", "x", {CONFIDENTIAL: "40 % off"}))
        .ask("QALYs", lambda v: v.publish("QALYs", "1.2", {"guideline": "no"}))
    )
    assert [(r.name, r.kind) for r in said.refused] == [("net ICER", "narrow"), ("ICER", "secret")]
    frame = said.to_frame()
    assert frame["published"].tolist() == [True, False, False]
    for language, words in (("en", "not published"), ("no", "ikke offentliggjort")):
        table = said.table(language)
        assert table.iloc[1, 0].startswith(words)
        assert "20" in table.attrs["notes"][0]
    for told in (said.table(), frame):
        text = " ".join(told.to_string().split())
        assert "0.0%" not in text
        assert "40 %" not in text
    assert b"40 %" not in pickle.dumps(said)
    assert "net prices possible" in repr(said)
    assert "<table" in said._repr_html_()


@given(
    net=st.integers(5, 95).map(lambda k: k / 100),
    ends=st.lists(
        st.tuples(st.sampled_from([icer, budget]), st.floats(0, 0.6), st.floats(0, 0.6)),
        max_size=6,
    ),
)
def test_no_sequence_of_true_ranges_leaves_less_than_the_least_share(net, ends):
    view = public_view(RULES)
    for k, (figure, below, above) in enumerate(ends):
        low, high = float(figure(net - below - 0.02)), float(figure(net + above + 0.02))
        view = view.ask(
            f"figure {k}",
            lambda v, f=figure, a=low, b=high: v.publish_range(
                f.__name__, a, b, value=float(f(net)), at=f
            ),
        )
        assert view.open_share >= LEAST
    assert view.possible[round(net * view.possible.size)]
    assert len(view.statements) + len(view.refused) == len(ends)


def test_the_order_of_statements_does_not_matter(view):
    def first(v):
        return v.publish_range("ICER", icer(0.2), np.inf, value=icer(0.5), at=icer)

    def second(v):
        return v.publish_range("budget", 0, budget(0.8), value=budget(0.5), at=budget)

    assert np.array_equal(first(second(view)).possible, second(first(view)).possible)


def test_false_and_impossible_statements_are_refused(view):
    with pytest.raises(ResultError, match="a range the wrong way round"):
        view.publish_range("ICER", 2, 1, value=1, at=icer)
    with pytest.raises(ResultError, match="never so at a net price that earlier figures allow"):
        view.publish_range("ICER", -2, -1, value=-1, at=icer)
    with pytest.raises(ResultError, match="never so"):
        view.publish_answer("scenario", "2", at=scenario)


def test_the_least_share_is_a_rule_that_can_be_replaced():
    strict = RULES.with_rule(
        "publication",
        {
            "narrowest_price_range": 0.5,
            "explanation": {"en": "half stays open", "no": "halvparten holdes åpen"},
        },
        source="agreed with the owner of the price",
    )
    with pytest.raises(ConfidentialError, match="at least 50% of net prices"):
        public_view(strict).publish_range("ICER", 0, icer(0.4), value=icer(0.2), at=icer)
    with pytest.raises(GuidelineError, match="narrowest_price_range out of range"):
        RULES.with_rule(
            "publication",
            {"narrowest_price_range": 0.0, "explanation": {"en": "a", "no": "b"}},
            source="x",
        )


def test_a_view_survives_pickle_and_cannot_be_changed(view):
    said = pickle.loads(pickle.dumps(view.publish_range("ICER", 0, 6e5, value=icer(0.1), at=icer)))
    assert said.open_share == pytest.approx(5 / 9 - 0.01, abs=2e-4)
    with pytest.raises(ValueError, match="read-only"):
        said.possible[0] = False


def side(limit):
    return lambda price: np.where(price <= limit, "within", "beyond")


def test_an_answer_is_published_when_every_answer_would_keep_the_price_open(view):
    said = view.publish_answer("side", "within", at=side(0.7))
    assert said.open_share == pytest.approx(0.7, abs=2e-4)
    assert view.publish_answer("side", "beyond", at=side(0.7)).open_share == pytest.approx(
        0.3, abs=2e-4
    )
    assert said.statements[0].text == "within"


@pytest.mark.parametrize("true", ["within", "beyond"])
def test_an_answer_is_refused_whichever_it_is_when_one_would_tell_too_much(view, true):
    """Were only the telling answer refused, the refusal would be that answer."""
    with pytest.raises(
        ConfidentialError, match=r"side could give the net price away.*10\.0% by one of them"
    ):
        view.publish_answer("side", true, at=side(0.9))
    once = view.publish_answer("first", "within", at=side(0.7))
    with pytest.raises(ConfidentialError, match=r"together with 'first'"):
        once.publish_answer("second", true, at=side(0.55))


def test_an_answer_that_is_already_known_may_be_said(view):
    once = view.publish_answer("first", "within", at=side(0.5))
    assert once.publish_answer("second", "within", at=side(0.7)).open_share == once.open_share
    with pytest.raises(ResultError, match="never so"):
        once.publish_answer("second", "beyond", at=side(0.7))


@settings(max_examples=25)
@given(
    limits=st.lists(st.floats(0.01, 0.99), min_size=1, max_size=5),
    net=st.floats(0.0, 1.0),
)
def test_answers_and_refusals_together_leave_the_least_share(limits, net):
    """Everyone who hears what was said and what was refused is left with a wide range."""

    def heard(price):
        view = public_view(RULES)
        for k, limit in enumerate(limits):
            word = str(side(limit)(np.array([price]))[0])
            at, name = side(limit), f"{k}"
            view = view.ask(name, lambda v, n=name, w=word, a=at: v.publish_answer(n, w, at=a))
        return [(s.name, s.text) for s in view.statements], [r.name for r in view.refused]

    mine = heard(net)
    alike = [heard(price) == mine for price in np.linspace(0.0, 1.0, 101)]
    assert np.mean(alike) >= LEAST - 0.02
