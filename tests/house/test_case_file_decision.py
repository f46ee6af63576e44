"""What the documentation of the case file says on the decision runs, and names every key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from prioritering.dossier import (
    CaseRun,
    check_case,
    load_case,
    load_confidential,
    run_case,
    schema_confidential,
    schema_decision,
)
from prioritering.dossier.schema_base import Section

GUIDE = (Path(__file__).parents[2] / "docs" / "case-file.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", GUIDE, flags=re.DOTALL)


def block(start: str) -> str:
    (found,) = (text for text in BLOCKS if start in text)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("guide")
    top, _, sections = block("[resources.visits]").partition("\n")
    text = BLOCKS[0].replace("[[assumptions]]", f"{top}\n\n[[assumptions]]", 1) + sections
    (place / "case.toml").write_text(text, encoding="utf-8")
    secret = block("[agreement]")
    (place / "confidential.toml").write_text(secret, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def run(folder: Path) -> CaseRun:
    case = load_case(folder)
    return run_case(case, draws=200, seed=1, confidential=load_confidential(case))


def test_the_example_makes_every_part(run: CaseRun) -> None:
    assert repr(run.decisions) == (
        "Decisions(price, perspectives, inventory, budget, displaced, personnel, small_group, "
        "yearly)"
    )
    assert run.base.cost_categories == ("drug", "care", "visits")
    assert run.page is not None
    assert "adults with X" in run.page.text()
    assert run.confidential is not None
    assert run.confidential.label == "Agreement of 2026-10-01"


def test_the_example_has_no_faults(folder: Path) -> None:
    assert not [f.text for f in check_case(folder) if f.level == "error"]


def sections() -> list[type[Section]]:
    modules = (schema_decision, schema_confidential)
    found = [value for module in modules for value in vars(module).values()]
    return [v for v in found if isinstance(v, type) and issubclass(v, Section)]


@pytest.mark.parametrize("section", sections(), ids=lambda section: section.__name__)
def test_every_key_is_named(section: type[Section]) -> None:
    for key in section.model_fields:
        assert re.search(rf"\b{key}\b", GUIDE), key


def test_every_kind_of_agreement_is_named() -> None:
    union = get_args(schema_confidential.AnyAgreement)[0]
    for kind in get_args(union):
        (name,) = get_args(kind.model_fields["kind"].annotation)
        assert f"`{name}`" in GUIDE, name
