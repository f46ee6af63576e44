"""What a check finds: faults, gaps in the documentation, and models that do not add up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from prioritering.dossier import Case, check_case, examples
from prioritering.dossier.check import Finding, verify
from prioritering.dossier.run import run_base
from prioritering.outcomes import Outcomes, Trace

from .conftest import PARTITIONED, Write

Load = Callable[..., Case]
VERIFICATIONS = 6


def texts(findings: tuple[Finding, ...], level: str) -> list[str]:
    return [f.text for f in findings if f.level == level]


@pytest.mark.parametrize("folder", examples().values(), ids=str)
def test_the_examples_have_no_errors(folder: Path) -> None:
    findings = check_case(folder)
    assert texts(findings, "error") == []
    assert len(texts(findings, "passed")) == VERIFICATIONS
    assert texts(findings, "assumption")


def test_every_fault_is_listed(write: Write) -> None:
    findings = check_case(write(("mean = 0.21", "men = 0.21"), ("draws = 200", "draws = -1")))
    assert [f.level for f in findings] == ["error", "error"]
    assert "Did you mean 'mean'" in findings[0].text
    assert "run.draws" in findings[1].text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"u"', '"v"', "unknown name 'v'"),
        ("progressed = 0.6", "", "a living state has no utility"),
        ("mean = 0.8\nse", "mean = 1.8\nse", "impossible"),
    ],
)
def test_an_error_of_building_or_running_is_a_finding(
    write: Write, old: str, new: str, said: str
) -> None:
    (finding,) = check_case(write((old, new)))
    assert finding.level == "error"
    assert said in finding.text


def test_a_folder_that_is_no_case_is_a_finding(tmp_path: Path) -> None:
    (finding,) = check_case(tmp_path)
    assert "not a case folder" in finding.text


def test_gaps_in_the_documentation_are_warnings(write: Write) -> None:
    folder = write(
        ('source = "trial X"', ""),
        ("price_year = 2024\n", ""),
        ('"rate_to_prob(rate_dead, cycle_length)"', "0.1"),
        ('description = "Two strategies, three states."\n', ""),
    )
    warned = texts(check_case(folder), "warning")
    assert "parameter 'rate' has no source and is not an assumption" in warned
    assert "parameter 'cost_new' is money without a price year" in warned
    assert "parameter 'rate_dead' is not used by the model" in warned
    assert "the case has no description" in warned
    assert not any("'u'" in text for text in warned)


def test_bare_numbers_are_warnings_unless_they_are_0_or_1(write: Write) -> None:
    changes = (
        ('stable = "u"', "stable = 1"),
        ('"rate_to_prob(rate_dead, cycle_length)"', "{ new = 0.1, otherwise = 0.2 }"),
    )
    warned = [t for t in texts(check_case(write(*changes)), "warning") if "bare number" in t]
    assert [text.split(" is ")[0] for text in warned] == [
        'transitions."progressed -> dead"',
        "utilities.progressed",
        "costs.care.progressed",
        'costs.care."-> progressed"',
        'costs.care."stable -> dead"',
        'costs.care."at start"',
    ]


def test_crossing_curves_are_a_warning_when_capped(write: Write) -> None:
    folder = write(
        ('scale = "1 / (0.4 * rate)"', 'scale = "1 / (1.1 * rate)"'),
        ("age = 60", 'age = 60\ncrossing = "cap"'),
        text=PARTITIONED,
    )
    assert any("curves cross" in text for text in texts(check_case(folder), "warning"))


def altered(base: Outcomes, occupancy: np.ndarray) -> Outcomes:
    assert base.trace is not None
    trace = Trace(occupancy, base.trace.years, base.trace.strategies, base.trace.states)
    return replace(base, trace=trace)


@pytest.mark.parametrize(
    ("place", "by", "said"),
    [
        ((0, 0, 5, 0), 0.01, ["not so: everybody is in one state at every time (off by 0.01)"]),
        (
            (1, 0, 30, 1),
            -2.0,
            ["everybody is in one state", "no state holds less than nobody (lowest share -1."],
        ),
        ((0, 0, 20, 2), 0.5, ["everybody is in one state", "nobody returns from death (falls by"]),
    ],
)
def test_a_trace_that_does_not_add_up_is_an_error(
    load: Load, place: tuple[int, ...], by: float, said: list[str]
) -> None:
    built, base, _ = run_base(load())
    assert base.trace is not None
    occupancy = base.trace.occupancy.copy()
    occupancy[place] += by
    errors = [f.text for f in verify(built, altered(base, occupancy)) if f.level == "error"]
    assert len(errors) == len(said)
    for text, part in zip(errors, said, strict=True):
        assert part in text


def test_totals_that_do_not_add_up_are_errors(load: Load) -> None:
    built, base, _ = run_base(load())
    wrong = replace(
        base,
        life_years_undiscounted=base.life_years_undiscounted + 100,
        cost_by_category_undiscounted=base.cost_by_category_undiscounted * 1.001,
    )
    errors = [f.text for f in verify(built, wrong) if f.level == "error"]
    assert len(errors) == 2
    assert errors[0].startswith("not so: life years fit in the horizon")
    assert errors[1].startswith("not so: without discounting, discounted and undiscounted costs")


def test_costs_of_nothing_and_life_table_counting_pass(write: Write) -> None:
    life_table = ("age = 61", 'age = 61\ncycle_correction = "life-table"')
    section = ("[run]", '[discounting]\ntiming = "mid"\n[run]')
    free = ('"at start" = 1_000', '"at start" = 0'), ("= 100_000", "= 0"), ("= 30_000", "= 0")
    folder = write(life_table, section, *free, ("= 5_000", "= 0"))
    assert texts(check_case(folder), "error") == []


def test_one_off_qalys_show_in_full_health(write: Write) -> None:
    folder = write(("progressed = 0.6", 'progressed = 0.6\n"stable -> progressed" = -0.1'))
    assert texts(check_case(folder), "error") == []
