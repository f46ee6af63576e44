"""Sensitivity and the value of information in the report of a case."""

from __future__ import annotations

from dataclasses import replace

import matplotlib.pyplot as plt
import pytest

from prioritering.dossier import load_case, run_case
from prioritering.errors import UnknownNameError
from prioritering.report.case import case_tables, summary, write_report
from prioritering.report.case_sensitivity import (
    FIGURES,
    TABLES,
    sensitivity_figures,
    sensitivity_summary,
    sensitivity_tables,
)

NBSP = "\N{NO-BREAK SPACE}"
CASE = """\
schema_version = 1
title = "A small case"
description = "Two strategies, two states."

[guideline]
country = "no"
as_of = 2026-11-01

[model]
kind = "markov"
states = ["ill", "dead"]
strategies = ["standard", "new"]
reference = "standard"
cycle = { years = 1 }
horizon = { years = 10 }
age = 61

[parameters.rate]
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

[parameters.price]
distribution = "gamma"
mean = 250_000
se = 20_000
unit = "NOK/year"
price_year = 2026
source = "price list"

[values]
effect = { new = "hr", otherwise = 1 }

[transitions]
"ill -> dead" = "rate_to_prob(rate * effect, cycle_length)"

[costs.drug]
ill = { new = "price", otherwise = 0 }

[utilities]
ill = 0.7

[price]
category = "drug"
price = "price"
unit = "year"
vat = "excluded"
source = "price list"

[documentation]
evidence = "single_arm"
follow_up = { years = 3 }

[sensitivity.thresholds]
price = [1_000, 500_000]
hr = [0.9, 0.95]

[sensitivity.scenarios.cheap]
why = "the price falls"
values = { price = 50_000 }

[run]
draws = 300
"""


def words(text):
    """Text without its line breaks."""
    return " ".join(text.split())


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    (folder / "case.toml").write_text(CASE, encoding="utf-8")
    return load_case(folder)


@pytest.fixture(scope="module")
def run(case):
    return run_case(case, uncertainty=True)


def test_every_analysis_has_its_table(run, language):
    frames = sensitivity_tables(run, language=language)
    made = {TABLES[name] for name in TABLES if getattr(run.uncertainty, name) is not None}
    assert made == {*TABLES.values()} - {"ranks"}
    assert set(frames) == made | {
        "documentation",
        "extrapolation",
        "threshold_1_price",
        "threshold_2_hr",
    }
    for name, frame in frames.items():
        assert frame.index.name, name
        assert frame.attrs["notes"], name
        assert frame.to_numpy().size, name


def test_tables_of_the_case_hold_them(run):
    frames = case_tables(run, language="en")
    assert {"tornado", "evppi", "documentation", "outcomes"} <= set(frames)
    assert list(frames["evppi"].index) == list(run.uncertainty.information.items)
    share = run.documentation.extrapolated.qaly.share
    row = frames["documentation"].loc["Extrapolated share of the QALY gain"]
    assert row["Stated"] == f"{100 * share:.0f}{NBSP}%"


def test_every_figure_is_written_and_forgotten(run, tmp_path, language):
    written = {p.name for p in write_report(run, tmp_path, language)}
    files = [name for name, _ in sensitivity_figures(run)]
    assert files == [
        *(TABLES[name] for name in FIGURES if name != "ranks"),
        "threshold_1_price",
        "threshold_2_hr",
    ]
    for name in files:
        assert {f"{name}.png", f"{name}.svg", f"{name}.csv"} <= written
        svg = (tmp_path / f"{name}.svg").read_text("utf-8")
        title = svg.partition("<dc:title>")[2].partition("</dc:title>")[0]
        assert title.strip(), name
    assert plt.get_fignums() == []


def test_a_figure_is_the_same_bytes_each_time(case, tmp_path):
    run = run_case(case, draws=0, uncertainty=True)
    for place in ("one", "two"):
        write_report(run, tmp_path / place, "en")
    for name in ("tornado", "scenarios"):
        one, two = ((tmp_path / p / f"{name}.svg").read_bytes() for p in ("one", "two"))
        assert one == two


def test_the_summary_says_what_moves_the_decision(run):
    text = summary(run, "en")
    flat = words(text)
    assert "What moves the decision\n-----------------------\n" in text
    assert words(run.uncertainty.drivers.sentence()) in flat
    (crossing,) = run.uncertainty.thresholds[0].crossings
    assert f"price: in the base case the decision changes at {crossing.value:,.0f}" in flat
    assert "(base value 250,000); the option has the higher net benefit below it" in flat
    assert "hr: no value from 0.9 to 0.95 changes the decision" in flat
    base, cheap = run.uncertainty.scenarios.base, run.uncertainty.scenarios["cheap"].result
    sign = "-" if base.nmb < 0 else ""
    assert f"Base case: ICER {base.icer:,.0f}; net benefit" in flat
    assert f"net benefit NOK {sign}{abs(base.nmb):,.0f}" in flat
    assert f"cheap: ICER {cheap.icer:,.0f}; net benefit NOK {cheap.nmb:,.0f}" in flat
    assert max(map(len, sensitivity_summary(run, "en").splitlines())) <= 100
    norwegian = words(summary(run, "no"))
    for part in (
        "Hva som påvirker beslutningen",
        "price: i hovedanalysen endres beslutningen ved",
        "cheap: IKER",
    ):
        assert part in norwegian


def test_a_scenario_without_a_ratio_is_told_in_words(case):
    cheaper = CASE.replace("price = 50_000 }", "price = -50_000 }")
    (case.folder / "case.toml").write_text(cheaper, encoding="utf-8")
    run = run_case(load_case(case.folder), draws=0, uncertainty=True)
    (case.folder / "case.toml").write_text(CASE, encoding="utf-8")
    text = words(sensitivity_summary(run, "en"))
    assert "cheap: dominant: more effect at less cost; net benefit" in text


def test_what_was_not_made_is_told(case):
    run = run_case(case, draws=10, uncertainty=True)
    text = words(sensitivity_summary(run, "en"))
    assert "- value of information: not made: fewer draws than" in text
    assert "evppi" not in sensitivity_tables(run)


def test_without_the_analyses_only_the_judgement_is_shown(case):
    run = run_case(case, draws=50)
    assert sensitivity_summary(run, "en") == ""
    assert set(sensitivity_tables(run)) == {"documentation", "extrapolation"}
    assert list(sensitivity_figures(run)) == []
    nothing = replace(run, documentation=None)
    assert sensitivity_tables(nothing) == {}


def test_an_unknown_language_is_refused(run):
    with pytest.raises(UnknownNameError, match="unknown language 'se'"):
        sensitivity_tables(run, language="se")
