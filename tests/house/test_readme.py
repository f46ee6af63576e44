"""The README's Python runs as printed, and its figures are the ones the library gives."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def told():
    import matplotlib as mpl

    mpl.use("agg")
    namespace = {}
    (block,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    exec(compile(block, "README.md", "exec"), namespace)
    return namespace


def test_the_thirty_seconds_run(told):
    assert told["base"].n_draws == 1
    assert told["psa"].n_draws == 10_000
    assert told["decision"].cell in {
        "scenario_1",
        "scenario_2",
        "scenario_3",
        "both_low",
        "both_high",
    }
    assert set(told["severity"].probability_of_class) <= {1, 2, 3, 4, 5, 6}


def test_the_base_case_lies_where_the_draws_do(told):
    base, psa = told["base"], told["psa"]
    for s in (0, 1):
        assert psa.qaly[s].mean() == pytest.approx(base.qaly[s, 0], rel=0.02)
        assert psa.cost[s].mean() == pytest.approx(base.cost[s, 0], rel=0.03)


def test_links_lead_somewhere():
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
