"""The documented case file runs as printed."""

import re
from pathlib import Path

import pytest

from prioritering.dossier import check_case, load_case, run_case

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "case-file.md").read_text(encoding="utf-8")


@pytest.fixture
def case(tmp_path):
    whole = re.findall(r"```toml\n(.*?)```", GUIDE, flags=re.DOTALL)[0]
    (tmp_path / "case.toml").write_text(whole, encoding="utf-8")
    return tmp_path


def test_the_example_runs(case):
    run = run_case(load_case(case), draws=200, seed=1)
    base = run.base
    assert base.cost_categories == ("drug", "care")
    assert base.cost_by_category[1].min() > 5_000
    assert base.qaly[1, 0] > base.qaly[0, 0]
    assert any("price" in a.what for a in run.assumptions)


def test_the_example_has_no_faults(case):
    assert not [f for f in check_case(case) if f.level == "error"]


def test_every_function_of_an_expression_is_named():
    from prioritering.parameters.expressions import FUNCTIONS

    for name in FUNCTIONS:
        assert re.search(rf"\b{name}\b", GUIDE), name
