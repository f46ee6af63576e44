import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritering.errors import ResultError, UnknownNameError
from prioritering.report import money, number, percent, with_error
from prioritering.report.numbers import money_decimals, percent_with_error, standard_error

NBSP = "\N{NO-BREAK SPACE}"
amounts = st.floats(-1e12, 1e12)
decimals = st.integers(0, 6)


@pytest.mark.parametrize(
    ("value", "places", "english", "norwegian"),
    [
        (1234567.891, 2, "1,234,567.89", f"1{NBSP}234{NBSP}567,89"),
        (-1234.5, 1, "-1,234.5", f"-1{NBSP}234,5"),
        (999.4, 0, "999", "999"),
        (-0.004, 2, "0.00", "0,00"),
        (0.0, 0, "0", "0"),
        (None, 3, "–", "–"),
    ],
)
def test_numbers_as_each_language_writes_them(value, places, english, norwegian):
    assert number(value, decimals=places) == english
    assert number(value, decimals=places, language="no") == norwegian


@given(amounts, decimals)
def test_what_is_written_is_the_number_at_the_printed_digit(value, places):
    english = number(value, decimals=places)
    norwegian = number(value, decimals=places, language="no")
    assert float(english.replace(",", "")) == round(value, places)
    assert float(norwegian.replace(NBSP, "").replace(",", ".")) == round(value, places)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_refused(value):
    with pytest.raises(ResultError, match="not finite; expected finite; found"):
        number(value)


def test_an_unknown_language_is_refused():
    with pytest.raises(UnknownNameError, match="unknown language 'de'"):
        number(1.0, language="de")


@pytest.mark.parametrize(
    ("value", "se", "places", "text"),
    [
        (8.1234, 0.0312, 2, "8.12 (0.03)"),
        (8.1234, 0.0049, 2, "8.12 (0.005)"),
        (8.1234, 0.0, 2, "8.12 (0.00)"),
        (8.1234, None, 2, "8.12"),
        (None, None, 2, "–"),
        (44663.4, 12.6, 0, "44,663 (13)"),
    ],
)
def test_an_error_never_rounds_to_nothing(value, se, places, text):
    assert with_error(value, se, decimals=places) == text


@given(st.floats(1e-12, 1e6), st.integers(0, 4))
def test_a_positive_standard_error_shows_a_digit(se, places):
    assert float(standard_error(se, decimals=places).replace(",", "")) > 0


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (0.004, "<1 %"), (0.5, "50 %"), (0.9951, ">99 %"), (1.0, "100 %"), (None, "–")],
)
def test_a_share_that_is_not_certain_is_not_printed_as_certain(share, text):
    assert percent(share).replace(NBSP, " ") == text


@given(st.floats(0, 1, exclude_min=True, exclude_max=True), st.integers(0, 3))
def test_no_uncertain_share_reads_0_or_100(share, places):
    written = percent(share, decimals=places).removesuffix(f"{NBSP}%")
    assert written.startswith(("<", ">")) or 0 < float(written) < 100


def test_money_and_shares_by_language():
    assert money(495_000) == f"NOK{NBSP}495,000"
    assert money(495_000, language="no") == f"495{NBSP}000{NBSP}NOK"
    assert money(9.5, decimals=2, currency="GBP") == f"GBP{NBSP}9.50"
    assert percent_with_error(0.7591, 0.0043, language="no") == f"75,9{NBSP}% (0,4)"


@pytest.mark.parametrize(
    ("column", "places"), [([151.29, -77.75], 2), ([None, 999.9, -1000.0], 0), ([None], 2), ([], 2)]
)
def test_small_amounts_have_decimals(column, places):
    assert money_decimals(column) == places
