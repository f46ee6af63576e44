"""Text files and workbooks are read as they stand, and what is no number is refused."""

import datetime

import numpy as np
import openpyxl
import pandas as pd
import pytest

from prioritering.errors import DataError, ResultError, UnknownNameError
from prioritering.readers import Signs, read_wide
from tests.readers.tables import ASKED, COST, EFFECT, HEAD, SMALL, N, excel_frame, wide


@pytest.mark.parametrize("kind", ["xlsx", "csv", "norwegian csv"])
def test_excel_models_are_read_from_sheets_and_exports(tmp_path, kind):
    file = tmp_path / ("psa.xlsx" if kind == "xlsx" else "psa.csv")
    options = {"sheet": "PSA"} if kind == "xlsx" else {}
    if kind == "xlsx":
        with pd.ExcelWriter(file) as book:
            pd.DataFrame({"about": ["x"]}).to_excel(book, sheet_name="Front", index=False)
            excel_frame().to_excel(book, sheet_name="PSA", index=False)
    elif kind == "csv":
        excel_frame().to_csv(file, index=False)
    else:
        excel_frame().to_csv(file, index=False, sep=";", decimal=",", encoding="utf-8-sig")
    read = read_wide(file, parameters=["Hazard ratio (95 %)"], **ASKED, **options)
    assert read.outcomes.cost_categories == ("drug", "rest")
    assert np.allclose(read.outcomes.cost, COST, rtol=1e-13)
    assert np.allclose(read.outcomes.qaly, EFFECT, rtol=1e-13)
    assert read.draws.Hazard_ratio__95 == pytest.approx(np.linspace(0.5, 0.9, N), rel=1e-14)


def test_a_workbook_with_several_sheets_must_be_told_which(tmp_path):
    with pd.ExcelWriter(tmp_path / "m.xlsx") as book:
        for name in ("Front", "PSA"):
            excel_frame().to_excel(book, sheet_name=name, index=False)
    with pytest.raises(DataError, match=r"several sheets.*'Front', 'PSA'"):
        read_wide(tmp_path / "m.xlsx", **ASKED)
    with pytest.raises(DataError, match=r"no sheet 'psa'.*'Front', 'PSA'"):
        read_wide(tmp_path / "m.xlsx", sheet="psa", **ASKED)


def test_formulas_without_computed_values_are_refused(tmp_path):
    frame = excel_frame().astype(object)
    frame.loc[2, "QALY new"] = "=1+1"
    frame.to_excel(tmp_path / "m.xlsx", index=False)
    with pytest.raises(ResultError, match=r"QALY new is not a finite number.*file m.xlsx.*row 4"):
        read_wide(tmp_path / "m.xlsx", **ASKED)


def test_missing_values_are_counted_and_refused(tmp_path):
    frame = excel_frame()
    frame.loc[[4, 9], "Drug, new"] = np.nan
    frame.to_csv(tmp_path / "m.csv", index=False)
    with pytest.raises(ResultError, match=r"file m.csv, column 'Drug, new', line 6.*2 such rows"):
        read_wide(tmp_path / "m.csv", **ASKED)


@pytest.mark.parametrize(
    ("text", "asked", "kind", "message"),
    [
        ("", SMALL, DataError, "the table is empty"),
        (HEAD, SMALL, DataError, "the table is empty"),
        ("1,2,3,4\n5,6,7,8\n", SMALL, DataError, "no names of columns"),
        (HEAD + "1,2,3,4\n1,2,3\n", SMALL, DataError, r"line 3\); expected 4 values.*found 3"),
        (HEAD + "1,2,3,4,9\n5,6,7,8,9\n", SMALL, DataError, r"line 2\); expected 4.*found 5"),
        (HEAD + "1,2,3,4\n\n1,2,3,4\n", SMALL, DataError, r"line 3\).*found a blank line"),
        (HEAD + '1,2,3,"4\n', SMALL, DataError, r"not a table \(file m.csv, line 2\)"),
        (HEAD + "1,2,3,\x004\n", SMALL, DataError, "bytes that no text has"),
        (HEAD + "1,2,3,4\n1,2,3,NA\n", SMALL, ResultError, r"line 3\).*found 'NA'"),
        (HEAD + "1,2,3,TRUE\n", SMALL, ResultError, r"qb is not.*line 2\).*found 'TRUE'"),
        (HEAD + "1,2,3,2024-05-01\n", SMALL, ResultError, r"qb is not.*found '2024-05-01'"),
        (HEAD + '1,"2,000",3,4\n', SMALL, ResultError, r"cb is not.*found '2,000'"),
        (HEAD + "1,2_000,3,4\n", SMALL, ResultError, r"cb is not.*found '2_000'"),
        (HEAD + "1,2,-Inf,4\n", SMALL, ResultError, r"qa is not.*found '-Inf'"),
        (
            "ca;cb;qa;qb\n250.000;1;2;3\n1;1;2,5;3\n",
            SMALL,
            DataError,
            r"both decimal points and decimal commas.*'250\.000' in line 2 and '2,5' in line 3",
        ),
        ("ca, ca,qa,qb\n1,2,3,4\n", SMALL, DataError, r"a column is named twice.*found 'ca'"),
        ("ca,ca,qa,qb\n1,2,3,4\n", SMALL, DataError, r"a column is named twice.*found 'ca'"),
        (",ca,cb,qa,qb\n7,1,2,3,4\n", SMALL, DataError, "without a name.*none in column 1"),
        (HEAD + "1,2,3,4\n", {**SMALL, "cost": ["ca", "cb"]}, ResultError, "which column is which"),
        (HEAD + "1,2,3,4\n", {**SMALL, "parameters": "ca"}, ResultError, "parameters are no list"),
        (
            HEAD + "1,2,3,4\n",
            {**SMALL, "qaly_undisc": {"a": "qa", "b": "qb"}},
            UnknownNameError,
            "unknown array of outcomes 'qaly_undisc'.*Did you mean 'qaly_undiscounted'",
        ),
        ("CA,cb,qa,qb\n1,2,3,4\n", SMALL, UnknownNameError, r"unknown column 'ca' \(file m.csv\)"),
        (
            HEAD + "1,2,3,4\n",
            {**SMALL, "qaly": {"a": "qa"}},
            ResultError,
            "qaly is for other strategies than the costs",
        ),
        (
            HEAD + "1,2,3,4\n",
            {**SMALL, "cost": {"a": {"drug": "ca"}, "b": {"rest": "cb"}}},
            ResultError,
            "different cost categories",
        ),
        (
            "ca,cb,qa,qb,x.1,x_1\n1,2,3,4,5,6\n",
            {**SMALL, "parameters": ["x.1", "x_1"]},
            ResultError,
            "two columns give one parameter",
        ),
        (HEAD + "1,2,3,4\n", {**SMALL, "sheet": 0}, DataError, "a sheet of a file that has none"),
        (HEAD + "1,2,3,4\n", {**SMALL, "signs": "gains"}, ResultError, "signs are not stated"),
    ],
)
def test_what_is_no_such_table_is_refused(tmp_path, text, asked, kind, message):
    with pytest.raises(kind, match=message):
        wide(tmp_path, text, **asked)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("ca;cb;qa;qb\n1.5;2;3;4\n", "utf-8"),
        ("ca;cb;qa;qb\r\n1,5;2;3;4\r\n;;;\r\n", "utf-8-sig"),
        ("ca\tcb\tqa\tqb\n1,5\t2\t3\t4\n", "utf-16"),
        ("ca,cb,qa,qb,\n 1.5 ,2,3,4,\n\n", "utf-8"),
        ('"","ca","cb","qa","qb","ø\nå"\n"1",1.5,2,3,4,NA\n', "latin-1"),
    ],
)
def test_text_is_read_as_programs_write_it(tmp_path, text, encoding):
    (tmp_path / "m.csv").write_bytes(text.encode(encoding))
    out = read_wide(tmp_path / "m.csv", **SMALL).outcomes
    assert out.cost.tolist() == [[1.5], [2.0]]
    assert out.qaly.tolist() == [[3.0], [4.0]]


def test_every_digit_of_a_number_is_kept(tmp_path, rng):
    values = rng.random(500) * 10.0 ** rng.integers(-12, 12, 500)
    lines = "".join(f"{x!r},2,3,4\n" for x in values.tolist())
    assert np.array_equal(wide(tmp_path, HEAD + lines, **SMALL).outcomes.cost[0], values)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (datetime.datetime(2024, 5, 1), r"Timestamp\('2024-05-01"),
        (True, "True"),
        ("4,5", "'4,5'"),
        (None, "''"),
        ("#DIV/0!", "nan"),
    ],
)
def test_a_cell_of_a_workbook_that_is_no_number_is_refused(tmp_path, cell, found):
    book = openpyxl.Workbook()
    for row in (["ca", "cb", "qa", "qb"], [1, 2, 3, cell]):
        book.active.append(row)
    book.save(tmp_path / "m.xlsx")
    with pytest.raises(ResultError, match=rf"file m.xlsx, column 'qb', row 2\).*found {found}"):
        read_wide(tmp_path / "m.xlsx", **SMALL)


@pytest.mark.parametrize("sheet", [-1, 1, True, 0.0])
def test_a_sheet_by_a_number_it_does_not_have(tmp_path, sheet):
    excel_frame().to_excel(tmp_path / "m.xlsx", index=False)
    with pytest.raises(DataError, match=r"no sheet .*or its number from 0"):
        read_wide(tmp_path / "m.xlsx", sheet=sheet, **ASKED)


@pytest.mark.parametrize(
    ("name", "message"),
    [("m.xlsx", "not a workbook.*not a zip file"), ("m.xls", "of this kind.*Save it as .xlsx")],
)
def test_what_only_looks_like_a_workbook_is_refused(tmp_path, name, message):
    (tmp_path / name).write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(DataError, match=message):
        read_wide(tmp_path / name, **SMALL)


def test_parameters_named_by_words_of_python_are_read(tmp_path):
    text = "ca,cb,qa,qb,lambda,take,x²\n1,2,3,4,5,6,7\n"
    read = wide(tmp_path, text, **SMALL, parameters=["lambda", "take", "x²"])
    assert read.draws.names == ("lambda_", "take_", "x2")


def test_losses_are_turned_round_and_life_years_are_not(tmp_path):
    read = wide(
        tmp_path,
        HEAD + "1,2,3,4\n",
        **SMALL,
        signs=Signs(effects="losses", costs="savings"),
        life_years=SMALL["qaly"],
        qaly_undiscounted=SMALL["qaly"],
        cost_undiscounted=SMALL["cost"],
    )
    assert read.outcomes.life_years.tolist() == [[3.0], [4.0]]
    assert read.outcomes.qaly_undiscounted.tolist() == [[-3.0], [-4.0]]
    assert read.outcomes.cost_undiscounted.tolist() == [[-1.0], [-2.0]]


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match=r"no such file.*gone\.csv"):
        read_wide(tmp_path / "gone.csv", **SMALL)
