"""A folder of results is written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from prioritering.dossier.output import whole_folder
from prioritering.errors import CaseError


def write(target: Path, text: str, *, overwrite: bool = False) -> None:
    with whole_folder(target, overwrite=overwrite) as folder:
        (folder / "results.json").write_text(text)


def test_a_new_folder_appears_with_everything_in_it(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b"
    with whole_folder(target) as folder:
        (folder / "x").write_text("1")
        assert not target.exists()
        assert folder.parent.parent == target.parent
    assert [p.name for p in target.iterdir()] == ["x"]
    assert [p.name for p in target.parent.iterdir()] == ["b"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write(tmp_path / "out", "1")
    assert (tmp_path / "out" / "results.json").read_text() == "1"


def test_nothing_is_left_after_a_failure(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("written")
        raise RuntimeError("halfway")

    with pytest.raises(RuntimeError), whole_folder(tmp_path / "out") as folder:
        fail(folder)
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_run_is_replaced_only_when_asked(tmp_path: Path) -> None:
    target = tmp_path / "out"
    write(target, "old")
    (target / "extra").write_text("kept")
    with pytest.raises(CaseError, match="in use.*results of an earlier run.*--overwrite"):
        write(target, "new")
    assert (target / "results.json").read_text() == "old"
    write(target, "new", overwrite=True)
    assert [p.name for p in target.iterdir()] == ["results.json"]
    assert (target / "results.json").read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_failure_leaves_the_earlier_run_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "out"
    write(target, "old")
    with pytest.raises(KeyboardInterrupt), whole_folder(target, overwrite=True):
        raise KeyboardInterrupt
    assert (target / "results.json").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_failed_rename_puts_the_earlier_run_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    write(target, "old")
    rename = Path.replace

    def refuse_new(self: Path, other: Path) -> Path:
        if self.name == "new":
            raise PermissionError(13, "Permission denied", str(other))
        return rename(self, other)

    monkeypatch.setattr(Path, "replace", refuse_new)
    with pytest.raises(PermissionError):
        write(target, "new", overwrite=True)
    assert (target / "results.json").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_of_anything_else_is_never_touched(tmp_path: Path, overwrite: bool) -> None:
    target = tmp_path / "home"
    target.mkdir()
    (target / "thesis.docx").write_text("years of work")
    with pytest.raises(CaseError, match="in use.*Choose another folder"):
        write(target, "new", overwrite=overwrite)
    assert (target / "thesis.docx").read_text() == "years of work"
    with pytest.raises(CaseError, match="in use"):
        write(target / "thesis.docx", "new", overwrite=overwrite)


def test_a_place_that_cannot_be_written_to_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError, match="file"):
        write(tmp_path / "file" / "out", "1")
    assert (tmp_path / "file").read_text() == "x"


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    link = tmp_path / "out"
    link.symlink_to(tmp_path / "disk" / "results", target_is_directory=True)
    write(link, "1")
    write(link, "2", overwrite=True)
    assert link.is_symlink()
    assert (tmp_path / "disk" / "results" / "results.json").read_text() == "2"
    assert [p.name for p in (tmp_path / "disk").iterdir()] == ["results"]


def test_folders_above_are_taken_away_after_a_failure(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    with pytest.raises(RuntimeError), whole_folder(tmp_path / "here" / "new" / "deep" / "out"):
        raise RuntimeError
    assert list((tmp_path / "here").iterdir()) == []


def test_folders_above_that_hold_something_else_stay(tmp_path: Path) -> None:
    def fail() -> None:
        (tmp_path / "new" / "note").write_text("kept")
        raise RuntimeError

    with pytest.raises(RuntimeError), whole_folder(tmp_path / "new" / "deep" / "out"):
        fail()
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["note"]
