"""A case that asks for every analysis of uncertainty, to change and run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from prioritering.dossier import (
    Case,
    CaseRun,
    load_case,
    run_case,
)

from .conftest import MARKOV

Load = Callable[..., Case]


SECTIONS = """\
[[correlations]]
parameters = ["rate", "rate_dead"]
rank = 0.5
source = "trial X"

[documentation]
evidence = "rct_head_to_head"
follow_up = { years = 5 }
median = "not_reached"
notes.median = "followed for five years"

[sensitivity]
interval = 0.9

[sensitivity.ranges]
cost_new = [100_000, 400_000]

[sensitivity.groups]
disease = ["rate", "rate_dead"]

[sensitivity.thresholds]
cost_new = [1_000, 900_000]
hr = [0.99, 1.0]

[sensitivity.scenarios.cheap]
why = "the price falls"
values = { cost_new = 90_000 }

[sensitivity.scenarios."no discounting"]
why = "costs and effects count alike"
discounting = { costs = 0, effects = 0 }

[sensitivity.scenarios."only costs discounted as the guideline says"]
why = "effects do not wait"
discounting = { effects = 0 }

[sensitivity.scenarios."ten years"]
why = "half the horizon"
horizon = { years = 10 }

[sensitivity.scenarios.women]
why = "women live longer"
sex = "female"

[run]
draws = 400
"""


ASKED = ("[run]\ndraws = 200\n", SECTIONS)


def sections(*changes: tuple[str, str]) -> tuple[str, str]:
    text = SECTIONS
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return "[run]\ndraws = 200\n", text


def run_asked(tmp_path_factory: pytest.TempPathFactory) -> CaseRun:
    """Run the case with every analysis it asks for."""
    folder = tmp_path_factory.mktemp("asked")
    assert ASKED[0] in MARKOV
    (folder / "case.toml").write_text(MARKOV.replace(*ASKED), encoding="utf-8")
    return run_case(load_case(folder), uncertainty=True)
