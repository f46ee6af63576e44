"""Bundled cases can be found and copied."""

from __future__ import annotations

from pathlib import Path

import pytest

from prioritering.dossier import copy_example, examples, find_case, load_case
from prioritering.dossier.examples import example_title
from prioritering.errors import CaseError, UnknownNameError

NAMES = ["constructed-small-group", "gbsg2-tamoxifen", "hiv-zidovudine", "sick-sicker"]


def test_the_bundled_cases_are_listed_with_their_titles() -> None:
    assert list(examples()) == NAMES
    for folder in examples().values():
        assert example_title(folder) == load_case(folder).title
        assert (folder / "README.md").is_file()


def test_a_case_is_found_as_a_folder_or_by_name(tmp_path: Path) -> None:
    assert find_case("sick-sicker") == examples()["sick-sicker"]
    assert find_case(tmp_path) == tmp_path
    (tmp_path / "case.toml").touch()
    assert find_case(tmp_path / "case.toml") == tmp_path
    with pytest.raises(UnknownNameError, match="unknown case 'sick-siker' .*'sick-sicker'"):
        find_case("sick-siker")


def test_a_copy_is_a_case_of_its_own(tmp_path: Path) -> None:
    folder = copy_example("gbsg2-tamoxifen", to=tmp_path / "mine")
    assert load_case(folder).name == "mine"
    names = {"README.md", "case.toml", "confidential.toml", "patients.csv"}
    assert {p.name for p in folder.iterdir()} == names
    with pytest.raises(CaseError, match="already exists"):
        copy_example("gbsg2-tamoxifen", to=folder)
    with pytest.raises(
        UnknownNameError, match="unknown example 'gbsg2'.*Did you mean 'gbsg2-tamoxifen'"
    ):
        copy_example("gbsg2", to=tmp_path / "other")
