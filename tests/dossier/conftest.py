"""A small Markov case and a small partitioned case to write, change and load."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from prioritering.dossier import Case, load_case

MARKOV = """\
schema_version = 1
title = "A small case"
description = "Two strategies, three states."
source = "made for tests"

[guideline]
country = "no"
as_of = 2026-11-01

[model]
kind = "markov"
states = ["stable", "progressed", "dead"]
strategies = ["standard", "new"]
reference = "standard"
cycle = { months = 6 }
horizon = { years = 20 }
age = 61

[parameters.rate]
distribution = "gamma"
mean = 0.21
se = 0.03
unit = "per year"
source = "trial X"

[parameters.rate_dead]
distribution = "gamma"
mean = 0.4
se = 0.05
source = "trial X"

[parameters.hr]
distribution = "lognormal"
median = 0.72
ci = [0.55, 0.94]
value = 0.72
source = "trial X"

[parameters.cost_new]
distribution = "fixed"
value = 250_000
unit = "NOK/year"
price_year = 2024
source = "price list"

[parameters.u]
distribution = "beta"
mean = 0.8
se = 0.02
assumption = true
description = "utility when stable"

[values]
effect = { new = "hr", otherwise = 1 }

[transitions]
"stable -> progressed" = "rate_to_prob(rate * effect, cycle_length)"
"stable -> dead" = "mortality"
"progressed -> dead" = "rate_to_prob(rate_dead, cycle_length)"

[costs.drug]
stable = { new = "cost_new", otherwise = 0 }

[costs.care]
progressed = 100_000
"-> progressed" = 30_000
"stable -> dead" = 5_000
"at start" = 1_000

[utilities]
stable = "u"
progressed = 0.6

[run]
draws = 200
seed = 3
"""

PARTITIONED = """\
schema_version = 1
title = "A small partitioned case"
description = "Two endpoints."

[guideline]
country = "no"
as_of = 2026-11-01

[model]
kind = "partitioned"
states = ["free", "ill", "dead"]
strategies = ["standard", "new"]
reference = "standard"
cycle = { months = 1 }
horizon = { years = 10 }
age = 60

[parameters.rate]
distribution = "gamma"
mean = 0.3
se = 0.01
source = "trial Y"

[values]
hr = { new = 0.7, otherwise = 1 }

[curves.inner]
family = "exponential"
rate = "rate"
then = [{ hazard_ratio = "hr" }]

[curves.outer]
family = "weibull"
shape = 1
scale = "1 / (0.4 * rate)"
then = [{ hazard_ratio = "hr" }]

[endpoints]
free = "inner"
alive = "outer"

[durations]
treated = { standard = "inner", new = "inner" }

[costs.drug]
treated = { new = 1_000, otherwise = 0 }

[costs.care]
ill = 2_000
"leaving free" = 300
"-> dead" = 50
"at start" = 10

[utilities]
free = 0.8
ill = 0.5
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a case with texts replaced, each of which must occur, and return its folder."""

    def write_case(*changes: tuple[str, str], text: str = MARKOV, **files: str) -> Path:
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        folder = tmp_path / "case"
        folder.mkdir(exist_ok=True)
        (folder / "case.toml").write_text(text, encoding="utf-8")
        for name, content in files.items():
            (folder / f"{name}.csv").write_text(content, encoding="utf-8")
        return folder

    return write_case


@pytest.fixture
def load(write: Write) -> Callable[..., Case]:
    """Write a case as ``write`` does and load it."""
    return lambda *changes, **more: load_case(write(*changes, **more))
