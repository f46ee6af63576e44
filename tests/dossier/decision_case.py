"""The small Markov case with every section on the decision, and a secret agreement beside it."""

from __future__ import annotations

from pathlib import Path

from .conftest import MARKOV

SECTIONS = """
[resources.visits]
unit = "visit"
price = 1_500
amounts = { stable = { new = 12, otherwise = 4 }, "-> progressed" = 2 }
staff = [
  { profession = "doctor", level = "specialist", hours = 0.5, source = "a count" },
  { profession = "nurse", level = "municipal", hours = "nurse_hours", assumption = true },
]

[resources.calls]
unit = "telephone call"
amounts = { stable = 2 }
staff = []

[parameters.nurse_hours]
distribution = "fixed"
value = 0.25
assumption = true

[parameters.incidence]
distribution = "gamma"
mean = 100
se = 10
assumption = true

[costs.work]
progressed = 50_000

[inventory.costs]
drug = { consequence = "intervention_cost", level = "specialist" }
care = { consequence = "related_care_cost", level = "municipal" }
work = { consequence = "paid_production", level = "other" }
visits = { consequence = "related_care_cost", level = "specialist" }

[inventory.left_out]
informal_care = "no data"

[inventory.carers]
stable = 0
progressed = -0.1

[price]
category = "drug"
price = "cost_new"
unit = "per year"
vat = "excluded"
source = "price list"

[budget]
first_year = 2027
years = 3
incidence = "incidence"
prevalence = 50
uptake = [0.25, 0.5, 1]
uptake_without = 0
assumption = true

[budget.groups]
drug = "drug"
care = "elsewhere"
work = "outside"
visits = "service"

[personnel]
working_year = 1_700
source = "an agreement"

[small_group]
per_100_000_worldwide = 0.5
patients_in_norway = 60
source = "a register"
"""

DECISION = MARKOV.replace("[run]", SECTIONS + "\n[run]")

# A share that no grid of prices in the public results falls on.
CONFIDENTIAL = """\
schema_version = 1
label = "Made for tests"

[agreement]
kind = "flat_discount"
share = 0.3717
"""


def write_secret(folder: Path, text: str = CONFIDENTIAL) -> Path:
    """Write a confidential file into a case folder."""
    (folder / "confidential.toml").write_text(text, encoding="utf-8")
    return folder
