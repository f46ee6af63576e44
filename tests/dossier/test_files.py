"""CSV files of a case folder: what is read, and everything that is refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from prioritering.dossier import files
from prioritering.dossier.files import inside, read_csv
from prioritering.errors import CaseError, UnknownNameError

WHERE = {"file": "case.toml", "key": "tables.t.csv", "line": 7}


def folder_with(tmp_path: Path, text: str | bytes) -> Path:
    data = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "t.csv").write_bytes(data)
    return tmp_path


def test_numbers_come_back_by_column_with_the_files_hash(tmp_path: Path) -> None:
    text = "a, b\n1,2.5\n\n-3,1e-3\n"
    csv = read_csv(folder_with(tmp_path, text), "t.csv", WHERE)
    assert csv.header == ("a", "b")
    np.testing.assert_array_equal(csv.numbers("a", WHERE), [1.0, -3.0])
    np.testing.assert_array_equal(csv.matrix(("b", "a"), WHERE), [[2.5, 1.0], [0.001, -3.0]])
    assert csv.sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_a_mark_before_the_header_is_not_part_of_it(tmp_path: Path) -> None:
    assert read_csv(folder_with(tmp_path, b"\xef\xbb\xbfa\n1\n"), "t.csv", WHERE).header == ("a",)


@pytest.mark.parametrize("cell", ["nan", "inf", "-Infinity", "", "NA", "1,5", "one"])
def test_a_cell_that_is_not_a_finite_number_is_refused_with_its_line(
    tmp_path: Path, cell: str
) -> None:
    quoted = f'"{cell}"'
    csv = read_csv(folder_with(tmp_path, f"a,b\n1,2\n{quoted},3\n"), "t.csv", WHERE)
    with pytest.raises(CaseError, match=r"not a finite number .*column 'a', csv line 3") as caught:
        csv.numbers("a", WHERE)
    assert caught.value.found == repr(cell)


def test_a_misspelt_column_names_the_nearest(tmp_path: Path) -> None:
    csv = read_csv(folder_with(tmp_path, "survival,year\n1,0\n"), "t.csv", WHERE)
    with pytest.raises(UnknownNameError, match=r"line 7.*Did you mean 'survival'"):
        csv.numbers("survivl", WHERE)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no usable header"),
        ("a,b\n", "no usable header"),
        ("a,a\n1,2\n", "no usable header"),
        ("a,\n1,2\n", "no usable header"),
        ("a,b\n1\n", r"wrong length .*csv line 2\); expected 2 cells; found 1"),
        ("a,b\n1,2\n1,2,3\n", r"wrong length .*csv line 3"),
        (b"a\n\xff\n", "cannot be read"),
        ('a\n"1"x\n', "cannot be read"),
    ],
)
def test_a_broken_csv_is_refused(tmp_path: Path, text: str | bytes, problem: str) -> None:
    with pytest.raises(CaseError, match=problem) as caught:
        read_csv(folder_with(tmp_path, text), "t.csv", WHERE)
    assert caught.value.where["csv"] == "t.csv"
    assert caught.value.where["line"] == 7


def test_a_file_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 2**20)
    with pytest.raises(CaseError, match="too large .*at most 1 MB; found 2 MB"):
        read_csv(folder_with(tmp_path, "a\n" + "1\n" * 2**20), "t.csv", WHERE)


@pytest.mark.parametrize(
    "name",
    [
        "../t.csv",
        "sub/../../t.csv",
        "sub/../t.csv",
        "/etc/passwd",
        r"..\t.csv",
        r"C:\t.csv",
        r"\\server\t.csv",
    ],
)
def test_a_path_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n")
    folder = tmp_path / "case"
    (folder / "sub").mkdir(parents=True)
    (folder / "t.csv").write_text("a\n1\n")
    with pytest.raises(CaseError, match=r"leaves the case folder .*line 7") as caught:
        inside(folder, name, WHERE)
    assert caught.value.found == repr(name)


def test_a_link_out_of_the_folder_is_refused_and_one_within_is_followed(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    (tmp_path / "secret.csv").write_text("a\n1\n")
    (folder / "real.csv").write_text("a\n2\n")
    (folder / "out.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "in.csv").symlink_to(folder / "real.csv")
    with pytest.raises(CaseError, match="leaves the case folder"):
        read_csv(folder, "out.csv", WHERE)
    assert read_csv(folder, "in.csv", WHERE).rows == (("2",),)


def test_a_file_in_a_folder_below_is_read(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "t.csv").write_text("a\n1\n")
    assert read_csv(tmp_path, "data/t.csv", WHERE).rows == (("1",),)


def test_a_missing_file_lists_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"a file is missing .*found CSV files t\.csv"):
        read_csv(folder_with(tmp_path, "a\n1\n"), "u.csv", WHERE)


@pytest.mark.parametrize(
    ("name", "found"), [("a\0b.csv", r"a\\x00b\.csv"), ("a" * 5000, "5000 characters")]
)
def test_text_that_no_file_can_be_called_is_refused(tmp_path: Path, name: str, found: str) -> None:
    with pytest.raises(CaseError, match=rf"no file can have .*line 7.*found '?{found}"):
        read_csv(tmp_path, name, WHERE)


def test_links_in_a_circle_are_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").symlink_to(tmp_path / "b.csv")
    (tmp_path / "b.csv").symlink_to(tmp_path / "a.csv")
    with pytest.raises(CaseError, match="a file is missing"):
        read_csv(tmp_path, "a.csv", WHERE)
