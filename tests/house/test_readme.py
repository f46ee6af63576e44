"""The README's Python runs as printed, and its figures are the ones the library gives."""

import re
from pathlib import Path

import pytest

import prioritering as pr

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


def test_its_figures_stay_what_they_are(told):
    """Pinned, not checked: seed 1 and the parameters printed in the README."""
    base_case = pr.compare(told["base"], reference="standard").pairwise[0]
    assert base_case.icer == pytest.approx(1_566_396.3527381495, rel=1e-9)
    point, decision = told["severity"].expected, told["decision"]
    assert (point.severity_class, point.shortfall_rounded, point.wtp) == (4, 15.3, 605_000)
    assert decision.icer == pytest.approx(1_570_664.9131388636, rel=1e-9)
    assert (decision.cell, decision.favours) == ("scenario_3", "do not adopt")


def test_the_base_case_lies_where_the_draws_do(told):
    base, psa = told["base"], told["psa"]
    for s in (0, 1):
        assert psa.qaly[s].mean() == pytest.approx(base.qaly[s, 0], rel=0.02)
        assert psa.cost[s].mean() == pytest.approx(base.cost[s, 0], rel=0.03)


def test_links_lead_somewhere():
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
