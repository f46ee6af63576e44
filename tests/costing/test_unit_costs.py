"""Unit costs, DRG prices and taxes: provenance, price years, and wrong input."""

import pickle
from datetime import date, datetime

import pytest

import prioritering as pr
from prioritering.costing import (
    UnitCosts,
    drg_cost,
    patient_time_cost,
    travel_cost,
    unit_costs,
    vat_rate,
)
from prioritering.data import load_table, price_index

ROW = {"item": "MRI", "value": 2500, "unit": "NOK each", "price_year": 2024, "source": "tariff"}
HEADER = "key,item,value,unit,price_year,source\n"


def test_every_shipped_row_is_a_parameter_with_its_source():
    costs, table = unit_costs(), load_table("no_unit_costs")
    assert tuple(costs) == table["key"]
    for key, value, year in zip(costs, table["value"], table["price_year"], strict=True):
        row, parameter = costs.row(key), costs[key]
        assert parameter.value == value
        assert parameter.source == f"{row.source} (second-hand)"
        assert row.second_hand
        assert row.price_year == year
        assert parameter.price_year == (year if row.currency else None)


def test_weights_and_factors_are_no_money():
    costs = unit_costs()
    assert costs["drg_906a_weight"].price_year is None
    assert "2026" in costs["drg_906a_weight"].description
    assert (costs.row("tariff_adjustment").currency, costs.row("liver_resection").currency) == (
        None,
        "EUR",
    )


def test_rows_of_ones_own_stand_beside_the_shipped():
    costs = unit_costs()
    more = costs.with_row("mri", **ROW)
    assert (len(more), len(costs), "mri" in costs) == (len(costs) + 1, len(costs), False)
    assert more["mri"].source == "tariff"
    assert more.cost({"mri": 2, "blood_sample": 1}).value == 5145.0
    assert pickle.loads(pickle.dumps(more)).rows == more.rows


def test_cost_carries_unit_year_sources_and_what_it_is_of():
    total = unit_costs().cost({"leisure_time": 2.5, "blood_sample": 1})
    assert (total.value, total.unit, total.price_year) == (965.0, "NOK", 2024)
    assert total.description == (
        "2.5 x Leisure time value (fritid); 1 x Blood sample (blodprøve) tariff"
    )
    assert total.source.count("second-hand") == 2


def test_prices_are_moved_to_one_year_when_asked():
    index = price_index("no_consumer_prices")
    costs = unit_costs()
    total = costs.cost({"helfo_a1d": 1, "blood_sample": 1}, price_year=2025, index=index)
    factor = index.factor(from_year=2024, to_year=2025)
    assert total.value == pytest.approx(516 + 145 * factor, rel=1e-14)
    assert total.price_year == 2025
    assert [(c.from_year, c.to_year) for c in total.conversions] == [(2024, 2025)]


def test_parameters_of_a_model():
    params = unit_costs().parameters("leisure_time", "blood_sample")
    assert params.expected().leisure_time.tolist() == [328.0]
    with pytest.raises(pr.ParameterError, match=r"different years.*2024: .*2026: patient_travel"):
        unit_costs().parameters("leisure_time", "patient_travel").expected()


def test_a_file_of_unit_costs(tmp_path):
    path = tmp_path / "costs.csv"
    text = HEADER + "mri,MRI,2500,NOK each,2024,tariff 2024\n"
    path.write_text(text, encoding="utf-8")
    costs = UnitCosts.from_csv(path)
    assert (costs["mri"].value, costs.row("mri").second_hand) == (2500.0, False)
    path.write_text(
        text.replace("source", "source,second_hand").replace("tariff 2024", "paper,yes"),
        encoding="utf-8",
    )
    assert UnitCosts.from_csv(path)["mri"].source == "paper (second-hand)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("key,item,value,unit,price_year\n", r"lacks a column.*found no source \(|no source"),
        (HEADER + "mri,MRI,2500,NOK,2024,\n", r"without its source \(unit cost 'mri'\)"),
        (
            HEADER + "mri,MRI,dear,NOK,2024,x\n",
            r"value is not a number \(file .*, line 2\).*'dear'",
        ),
        (HEADER + "mri,MRI,1,NOK,,x\n", r"price_year is not a number \(.*line 2\).*found ''"),
        (HEADER + "mri,MRI,1,NOK,20,x\n", r"without its price year.*such as 2024; found 20"),
        (HEADER + "mri,MRI,-1,NOK,2024,x\n", r"not an amount \(unit cost 'mri'\).*found -1"),
        (HEADER + "mri,MRI,nan,NOK,2024,x\n", r"not an amount.*finite.*found nan"),
        (HEADER + "a,A,1,NOK,2024,x\na,A,1,NOK,2024,x\n", r"stands twice.*found 'a'"),
        (
            HEADER.replace("source", "source,second_hand") + "a,A,1,NOK,2024,x,maybe\n",
            r"second_hand is not yes or no \(.*line 2\).*'maybe'",
        ),
    ],
)
def test_wrong_files(tmp_path, text, message):
    path = tmp_path / "costs.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(pr.DataError, match=message):
        UnitCosts.from_csv(path)


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (
            lambda c: c["leisure"],
            pr.UnknownNameError,
            r"unknown unit cost 'leisure'.*'leisure_time'",
        ),
        (lambda c: c.cost({"leisure": 1}), pr.UnknownNameError, r"mean 'leisure_time'"),
        (
            lambda c: c.with_row("blood_sample", **ROW),
            pr.DataError,
            r"stands twice.*key of its own",
        ),
        (lambda c: c.with_row("x", **{**ROW, "value": -1}), pr.DataError, r"not an amount.*-1"),
        (lambda c: c.with_row("x", **{**ROW, "value": True}), pr.DataError, r"not an amount.*True"),
        (lambda c: c.with_row("x", **{**ROW, "source": " "}), pr.DataError, r"without its source"),
        (
            lambda c: c.cost({"leisure_time": 1, "patient_travel": 9}),
            pr.ParameterError,
            r"prices are of different years.*2024: leisure_time; 2026: patient_travel",
        ),
        (
            lambda c: c.cost({"leisure_time": 1}, price_year=2025),
            pr.ParameterError,
            r"no price index.*2024 to 2025.*rules\.prices",
        ),
        (
            lambda c: c.cost(
                {"patient_travel": 1}, price_year=2024, index=price_index("no_consumer_prices")
            ),
            pr.DataError,
            r"no price index for this year.*2026",
        ),
        (
            lambda c: c.cost({"leisure_time": 1, "lung_resection": 1}),
            pr.ParameterError,
            r"one currency.*found EUR, NOK",
        ),
        (lambda c: c.cost({}), pr.ParameterError, r"at least one amount.*found no amounts"),
        (
            lambda c: c.cost({"drg_906a_weight": 1}),
            pr.ParameterError,
            r"'drg_906a_weight' is no amount of money.*'DRG points'.*drg_cost",
        ),
        (
            lambda c: c.cost({"leisure_time": -1}),
            pr.ParameterError,
            r"amount of 'leisure_time' is outside.*found -1",
        ),
        (lambda c: setattr(c, "rows", ()), pr.ParameterError, r"UnitCosts cannot be changed"),
    ],
)
def test_wrong_use(make, kind, message):
    with pytest.raises(kind, match=message):
        make(unit_costs())


def test_patients_time_and_travel():
    """328 NOK per hour (2024) and 3.2 NOK per km (2026), table no_unit_costs."""
    assert (patient_time_cost(3).value, patient_time_cost(3).price_year) == (984.0, 2024)
    assert (travel_cost(120).value, travel_cost(120).price_year) == (384.0, 2026)
    own = UnitCosts().with_row(
        "leisure_time", item="x", value=100, unit="NOK per hour", price_year=2030, source="y"
    )
    assert patient_time_cost(2, costs=own).value == 200.0


def test_the_full_unit_price_times_the_weight():
    """43 428 (2018), 45 808 (2020) and 52 248 NOK (2024) per point, Directorate of Health."""
    for year, price in ((2018, 43428), (2020, 45808), (2024, 52248)):
        cost = drg_cost(0.073, year=year)
        assert cost.value == pytest.approx(0.073 * price, rel=1e-14)
        assert cost.price_year == year
        assert "Directorate of Health" in cost.source
    other = drg_cost(1, year=2020, service="mental_health_and_substance_use_outpatient")
    assert other.value == 3160.0
    assert "preliminary" in drg_cost(1, year=2024).source


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        (
            {"year": 2022},
            pr.DataError,
            r"for this year \(service somatic\).*2018, 2020, 2024; found",
        ),
        ({"year": 2024, "service": "somatics"}, pr.UnknownNameError, r"mean 'somatic'"),
        ({"year": 2024, "weight": -1.0}, pr.ParameterError, r"DRG weight is outside.*found -1"),
    ],
)
def test_wrong_drgs(given, kind, message):
    with pytest.raises(kind, match=message):
        drg_cost(given.pop("weight", 1.0), **given)


def test_value_added_tax():
    assert vat_rate("2005-01-01") == vat_rate(date(2026, 11, 1)) == 0.25
    with pytest.raises(pr.DataError, match=r"no rate.*from 2005-01-01; found 2004-12-31"):
        vat_rate("2004-12-31")
    with pytest.raises(pr.DataError, match=r"not a date.*'soon'"):
        vat_rate("soon")


@pytest.mark.parametrize("language", ["en", "no"])
def test_table(language):
    costs = unit_costs().with_row("mri", **ROW)
    table = costs.table(language)
    assert list(table.index) == list(costs)
    assert table.iloc[-1, -1] == "tariff"
    assert table.iloc[0, -1].endswith("second-hand]" if language == "en" else "av andre]")
    assert len(table.attrs["notes"]) == 1
    assert costs.to_frame()["value"].tolist()[-1] == 2500
    assert repr(costs) == f"UnitCosts({len(costs)} rows, {len(costs) - 1} of them second-hand)"
    assert "leisure_time" in costs._repr_html_()


def test_several_amounts_at_once_are_refused():
    with pytest.raises(pr.ParameterError, match=r"amount of 'leisure_time' is more than one.*2 of"):
        unit_costs().cost({"leisure_time": [1.0, 2.0]})
    with pytest.raises(pr.ParameterError, match=r"DRG weight is more than one number"):
        drg_cost([0.5, 0.6], year=2024)


def test_a_line_with_too_many_cells_is_refused(tmp_path):
    """A comma in unquoted text would otherwise cut the source short."""
    path = tmp_path / "costs.csv"
    path.write_text(HEADER + "mri,MRI,2500,NOK each,2024,price list, page 3\n")
    with pytest.raises(
        pr.DataError, match=r"more cells than columns \(file .*line 2\).*6 cells.*' page 3'.*Quote"
    ):
        UnitCosts.from_csv(path)


def test_a_time_of_day_is_a_day():
    assert vat_rate(datetime(2026, 11, 1, 12, 30)) == vat_rate(date(2026, 11, 1)) == 0.25


def test_a_currency_before_a_stroke_is_money():
    costs = unit_costs().with_row("nurse", **{**ROW, "unit": "NOK/hour", "value": 500})
    assert costs["nurse"].price_year == 2024
    assert costs.cost({"nurse": 2}).value == 1000.0
