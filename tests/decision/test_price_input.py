"""What a price analysis takes and refuses."""

import numpy as np
import pytest

from prioritering.decision import price_analysis
from prioritering.errors import ResultError, UnknownNameError

from .price_material import analyse, two


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"category": "drugs"}, UnknownNameError, "unknown cost category 'drugs'.*'drug'"),
        ({"category": []}, ResultError, "no category, or one named twice"),
        ({"category": ["drug", "drug"]}, ResultError, "no category, or one named twice"),
        ({"price": 0.0}, ResultError, "price is not usable; expected a finite amount above 0"),
        ({"price": -5.0}, ResultError, "found -5.0"),
        ({"price": np.nan}, ResultError, "found nan"),
        ({"price": "100"}, ResultError, "found '100'"),
        ({"levels": [2000.0, 1000.0]}, ResultError, "levels of willingness to pay.*rising"),
        ({"levels": [-1.0, 1000.0]}, ResultError, "levels of willingness to pay"),
        ({"levels": [np.inf]}, ResultError, "levels of willingness to pay"),
        ({"levels": []}, ResultError, "levels of willingness to pay"),
        ({"levels": None}, ResultError, "expected rules, levels, severity or wtp"),
        ({"wtp": -1.0}, ResultError, "willingness to pay is not usable"),
        ({"probabilities": [0.5, 1.0]}, ResultError, "wanted probability out of range"),
        ({"probabilities": [np.nan]}, ResultError, "wanted probability out of range"),
        ({"reference": "standrad"}, UnknownNameError, "unknown reference 'standrad'"),
        ({"option": "newer"}, UnknownNameError, "unknown option 'newer'"),
        ({"option": "standard"}, ResultError, "no option to hold against"),
    ],
)
def test_bad_input(changes, kind, message):
    with pytest.raises(kind, match=message):
        analyse(two([400.0, 380.0], 100.0, 0.5), **changes)


@pytest.mark.parametrize("in_reference", ["same price", None])
def test_a_category_that_makes_no_difference(in_reference):
    drug = 0.0 if in_reference is None else 300.0
    out = two([drug, drug], 100.0, 0.5, reference_drug=drug)
    with pytest.raises(ResultError, match="price does not move incremental cost.*'drug'"):
        analyse(out, in_reference=in_reference)


def test_arguments_of_another_kind_are_named(run, severity_of):
    out = run([[0.0, 0.0], [600.0, 500.0]], [[1.0, 1.0], [3.0, 3.0]])
    how = {"reference": "standard", "category": "total"}
    with pytest.raises(ResultError, match=r"severity is of another kind.*found int"):
        price_analysis(out, price=200, severity=495_000, **how)
    with pytest.raises(ResultError, match=r"outcomes is of another kind.*found Severity"):
        price_analysis(severity_of(), price=200, wtp=100, **how)
    with pytest.raises(ResultError, match=r"levels.*not usable.*found 'high'"):
        price_analysis(out, price=200, levels="high", **how)
    with pytest.raises(ResultError, match=r"check is of another kind.*\(outcomes, price\)"):
        price_analysis(out, price=200, wtp=100, check=out, **how)
    with pytest.raises(ResultError, match=r"price is not usable.*found True"):
        price_analysis(out, price=True, wtp=100, **how)


def test_one_wanted_probability_needs_no_list(run):
    out = run([[0.0, 0.0], [600.0, 500.0]], [[1.0, 1.0], [3.0, 3.0]])
    found = price_analysis(
        out, reference="standard", category="total", price=200, wtp=100, probabilities=0.8
    )
    assert [p.probability for p in found.own.for_probability] == [0.8]


def test_the_default_unit_of_a_price_is_written_in_norwegian(run):
    out = run([[0.0, 0.0], [600.0, 500.0]], [[1.0, 1.0], [3.0, 3.0]])
    how = {"reference": "standard", "category": "total", "price": 200, "wtp": 100}
    found = price_analysis(out, **how)
    assert "per enhet" in found.table("no").columns[0]
    assert "per unit" in found.table("en").columns[0]
    assert (
        "per pakning" in price_analysis(out, **how, price_unit="per pakning").table("no").columns[0]
    )


def test_a_price_that_may_rise_has_no_required_fall(run):
    out = run([[0.0, 0.0], [600.0, 500.0]], [[1.0, 1.0], [3.0, 3.0]])
    how = {"reference": "standard", "category": "total", "price": 200}
    falls = price_analysis(out, **how, wtp=100)
    fall = f"{100 * (1 - 200 / 550):.1f}\N{NO-BREAK SPACE}%"  # worth 2 x 100, costs 550
    assert list(falls.table("en")["Required fall from current price"]) == [fall]
    rises = price_analysis(out, **how, wtp=10_000, price_unit="per year of treatment")
    for language, words in (("en", "none: the price may rise"), ("no", "ingen: prisen kan øke")):
        assert rises.table(language).iloc[0, 1] == words
    assert rises.table("no").columns[0].endswith(" per behandlingsår)")
