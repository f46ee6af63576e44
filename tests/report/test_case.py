"""The report of a case run: summary and files."""

import csv
import re
from dataclasses import replace
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from prioritering.cea import compare
from prioritering.conventions import Discounting
from prioritering.dossier.case_run import Assumption, CaseRun, Limit
from prioritering.errors import CaseError, UnknownNameError
from prioritering.outcomes import Trace
from prioritering.parameters import Parameters, beta, fixed
from prioritering.psa import evpi, population_evpi
from prioritering.report.case import case_tables, summary, write_report
from prioritering.report.case_data import case_curves, case_data
from prioritering.severity import absolute_shortfall

NBSP = "\N{NO-BREAK SPACE}"
CONVENTIONS = {
    "discounting_costs": Discounting.flat(0.04).to_dict(),
    "discounting_effects": Discounting.none().to_dict(),
    "cycle_correction": "half-cycle",
    "sex": "female",
    "age": 61.0,
    "life_table": "no_life_table_2025",
    "age_adjustment": {"reference_age": 55.5, "norm": "no_norm_2025"},
    "crossing": "cap",
}


@pytest.fixture(scope="module")
def run(psa, cea, severity, decision, rules, build):
    """A case run as the dossier hands it over, its base case the means of the draws."""
    mean = {name: getattr(psa, name).mean(axis=1, keepdims=True) for name in ("cost", "qaly")}
    base = build(mean["cost"], mean["qaly"], psa.strategies, **CONVENTIONS)
    years = np.linspace(0, 10, 11)
    alive = np.exp(-years / 4)
    occupancy = np.broadcast_to(np.stack([alive, 1 - alive], axis=-1), (2, 1, 11, 2))
    base = replace(base, trace=Trace(occupancy, years, psa.strategies, ("alive", "dead")))
    return CaseRun(
        case=SimpleNamespace(
            title="Made-up drug",
            description="Two  strategies\nand no data.",
            source="nobody",
            language="no",
            name="made-up",
            reference="standard",
            option="new",
            spec=SimpleNamespace(
                decision=SimpleNamespace(patients_per_year=1200.0, years=5),
            ),
        ),
        rules=rules,
        parameters=Parameters(
            u=beta(mean=0.8, se=0.02, assumption=True), price=fixed(1e5, source="list")
        ),
        model=SimpleNamespace(endpoints=("alive",)),
        base=base,
        psa=psa,
        comparison=compare(base, reference="standard", wtp=495e3),
        psa_comparison=cea,
        severity=absolute_shortfall(9.0, age=61, rules=rules),
        severity_psa=severity,
        severity_skipped=None,
        limit=Limit(495_000.0, "severity class 3", 3),
        decision=decision,
        population_evpi=population_evpi(
            evpi(psa, wtp=495e3), incidence=1200, years=5, discounting=Discounting.flat(0.04)
        ),
        assumptions=(Assumption("the hazard ratio wanes", "no data beyond three years"),),
        notes=("curves crossed in 3 draws and were capped",),
        results={},
    )


@pytest.fixture(scope="module")
def plain(run):
    """The same without draws and without severity."""
    return replace(
        run,
        psa=None,
        psa_comparison=None,
        severity=None,
        severity_psa=None,
        severity_skipped="comparable effects.",
        decision=None,
        population_evpi=None,
        notes=(),
        assumptions=(),
    )


def test_summary_has_every_part_in_its_language(run):
    english = summary(run, "en")
    parts = (
        "Made-up drug\n============",
        "Two strategies and no data.",
        "Source: nobody",
        f"Rules: no@2026-11-01 ({run.rules.hash[:12]})",
        f"Limit: NOK{NBSP}495,000 per QALY; severity class 3",
        f"Costs: 4.0{NBSP}% a year from year 0",
        "Cycles: half-cycle (trapezoid) correction",
        "Life table, if used: no_life_table_2025, women, age 61",
        "Utilities: adjusted for age by no_norm_2025 from reference age 55.5",
        "Curves that cross: the inner curve is capped at the outer",
        "Base case\n---------",
        "Severity\n--------",
        "Probabilistic analysis, 4,000 draws",
        "Decision: new against standard",
        "- the hazard ratio wanes: no data beyond three years",
        "- curves crossed in 3 draws and were capped",
    )
    places = [english.index(part) for part in parts]
    assert places == sorted(places)
    assert summary(run) == summary(run, "no")
    assert "Hovedanalyse\n------------" in summary(run)


def test_summary_prints_the_figures_with_their_errors(run):
    text = summary(run, "en")
    row = run.psa_comparison.rows[1]
    assert f"{row.icer:,.0f} ({row.icer_se:,.0f})" in text
    assert f"{run.comparison.rows[1].icer:,.0f}\n" in text
    p = run.decision.probability_cost_effective
    assert f"{100 * p.value:.1f}{NBSP}% ({100 * p.se:.1f})" in text
    assert run.decision.name.en in text
    assert f"{run.severity_psa.expected.shortfall_rounded:.2f} (" in text


def test_summary_says_only_what_provenance_does(run):
    silent = {key: CONVENTIONS[key] for key in list(CONVENTIONS)[:3]}
    text = summary(replace(run, base=replace(run.base, provenance=silent)), "en")
    for part in ("Life table", "Utilities:", "Curves that cross"):
        assert part not in text
    plain = {**CONVENTIONS, "age_adjustment": None, "age": None, "sex": "pooled"}
    text = summary(replace(run, base=replace(run.base, provenance=plain)), "no")
    assert "Dødelighetstabell, om brukt: no_life_table_2025, begge kjønn\n" in text
    assert "Nytteverdier: ikke aldersjustert\n" in text


def test_information_for_all_patients_is_in_summary_and_table(run):
    total = run.population_evpi
    frame = case_tables(run, language="en")["population_evpi"]
    cell = f"{float(total.value):,.0f} ({float(total.se):,.0f})"
    assert frame.iloc[:, 0].tolist() == ["1,200", "5", "6,000", cell]
    assert frame.attrs["notes"][0].startswith("Later patients discounted as costs: 4.0")
    row = f"Expected value of perfect information, all patients (NOK): {cell}"
    assert row in " ".join(summary(run, "en").split())
    assert "Patients in all: 6,000\n" in summary(run, "en")


def test_summary_stays_narrow(run):
    assert max(map(len, summary(run, "en").splitlines())) <= 100


def test_summary_without_draws_or_severity_says_so(plain):
    text = summary(plain, "en")
    assert "Not computed: comparable effects.\n" in text
    assert "Assumptions\n-----------\nNone." in text
    for part in ("Probabilistic", "Decision", "To know about this run"):
        assert part not in text


def test_summary_without_severity_still_gives_probabilities(run):
    text = summary(replace(run, severity=None, severity_psa=None, decision=None), "en")
    assert f"At NOK{NBSP}495,000 per QALY:\n" in text
    assert "Probability that new is best of all at the limit: " in text
    assert "Expected value of perfect information" in text


def test_a_dominant_strategy_still_shows_its_increments(run, build):
    base = build([[300.0], [100.0]], [[2.0], [3.0]], ["old", "new"], **CONVENTIONS)
    dominant = replace(run, base=base, comparison=compare(base, reference="old"))
    text = summary(dominant, "en")
    assert "Each strategy against old." in text
    assert re.search(r"Incremental cost \(NOK\) +-200\.00\n", text)


def test_several_strategies_are_also_compared_in_pairs(run, many):
    base = replace(many.outcomes, provenance=CONVENTIONS)
    several = replace(run, base=base, comparison=many)
    assert "Each strategy against SoC." in summary(several, "en")


def test_an_unknown_language_is_refused(run, tmp_path):
    for draw in (summary, case_tables):
        with pytest.raises(UnknownNameError, match="unknown language 'se'"):
            draw(run, language="se")
    with pytest.raises(UnknownNameError, match="unknown language 'se'"):
        write_report(run, tmp_path, "se")
    assert not list(tmp_path.iterdir())


def test_report_writes_what_it_says(run, tmp_path):
    written = write_report(run, tmp_path / "new" / "folder", "en")
    assert sorted(written) == sorted((tmp_path / "new" / "folder").iterdir())
    names = [path.name for path in written]
    assert names[0] == "summary.txt"
    figures = ["trace_1_standard", "trace_2_new", "curves", "frontier", "plane", "net_benefit"]
    for figure in (*figures, "acceptability", "severity", "decision"):
        assert {f"{figure}.png", f"{figure}.svg"} <= set(names)
    tables = [name for name in names if name.endswith(".csv")]
    numbers = ["trace.csv", "draws.csv"]
    assert tables == [*(f"{name}.csv" for name in case_tables(run)), *numbers]
    assert written[0].read_text(encoding="utf-8") == summary(run, "en") + "\n"
    assert plt.get_fignums() == []


def test_report_without_draws_has_what_it_can(plain, tmp_path):
    names = {path.name for path in write_report(plain, tmp_path)}
    assert {"plane.png", "frontier.svg", "comparison.csv", "summary.txt"} <= names
    absent = {"acceptability.png", "severity.png", "decision.png", "psa_outcomes.csv"}
    assert not (absent | {"draws.csv", "population_evpi.csv"}) & names


@pytest.mark.parametrize(("language", "separator", "mark"), [("en", ",", "."), ("no", ";", ",")])
def test_trace_and_draws_are_written_with_every_digit(run, tmp_path, language, separator, mark):
    write_report(run, tmp_path, language)
    read = {}
    for name in ("trace", "draws"):
        with (tmp_path / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            header, *rows = csv.reader(file, delimiter=separator)
        read[name] = header, rows
    header, rows = read["trace"]
    assert header == ["strategy", "year", "alive", "dead"]
    numbers = np.array([[float(cell.replace(mark, ".")) for cell in row[1:]] for row in rows])
    assert [row[0] for row in rows] == ["standard"] * 11 + ["new"] * 11
    np.testing.assert_array_equal(numbers[:, 0], np.tile(run.base.trace.years, 2))
    np.testing.assert_array_equal(numbers[:, 1:], run.base.trace.occupancy.reshape(22, 2))
    header, rows = read["draws"]
    assert [(row[0], int(row[1])) for row in rows] == [
        (name, draw) for name in run.psa.strategies for draw in range(run.psa.n_draws)
    ]
    for quantity in ("cost", "qaly"):
        k = header.index(quantity)
        found = [float(row[k].replace(mark, ".")) for row in rows]
        np.testing.assert_array_equal(found, getattr(run.psa, quantity).ravel())


def test_states_may_be_called_anything(plain):
    odd = replace(plain.base.trace, states=("year", "strategy"))
    frame = case_data(replace(plain, base=replace(plain.base, trace=odd)))["trace"]
    assert list(frame) == ["year", "strategy"]
    assert frame.shape == (22, 2)


def test_curves_are_those_the_base_case_used(plain):
    curves = case_curves(plain)
    assert list(curves) == ["standard: alive", "new: alive"]
    years = np.linspace(0, 10, 11)
    for curve in curves.values():
        np.testing.assert_allclose(curve.survival(years)[:, 0], np.exp(-years / 4), rtol=1e-14)
    assert case_curves(replace(plain, model=None)) == {}
    assert case_curves(replace(plain, base=replace(plain.base, trace=None))) == {}


@pytest.mark.parametrize(("language", "separator"), [("en", ","), ("no", ";")])
def test_tables_are_files_a_spreadsheet_opens(run, tmp_path, language, separator):
    write_report(run, tmp_path, language)
    for name, frame in case_tables(run, language=language).items():
        path = tmp_path / f"{name}.csv"
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, delimiter=separator))
        assert rows[0] == [frame.index.name, *frame.columns]
        for row, (key, cells) in zip(rows[1:], frame.iterrows(), strict=False):
            assert row == [key, *cells]
        notes = frame.attrs["notes"]
        below = rows[1 + len(frame) :]
        assert below == ([[], *([note] for note in notes)] if notes else [])


def test_no_text_of_a_case_runs_as_a_formula(plain, tmp_path):
    texts = ("=HYPERLINK(0)", "+1", "@SUM(A1)", "-A1", "\t=1", "-5,4", "a = b")
    risky = replace(plain, assumptions=tuple(Assumption(text, text) for text in texts))
    write_report(risky, tmp_path, "en")
    with (tmp_path / "assumptions.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert rows == [[f"'{text}"] * 2 for text in texts[:5]] + [[text] * 2 for text in texts[5:]]


def test_the_same_run_gives_the_same_svg(plain, tmp_path):
    write_report(plain, tmp_path / "a")
    write_report(plain, tmp_path / "b")
    for path in (tmp_path / "a").glob("*.svg"):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_a_file_in_the_way_is_refused(run, tmp_path):
    (tmp_path / "report").write_text("")
    with pytest.raises(CaseError, match="cannot write a report there; expected a folder; found"):
        write_report(run, tmp_path / "report")


def test_names_of_strategies_make_safe_file_names(plain, tmp_path):
    trace = plain.base.trace
    odd = replace(trace, strategies=("../a b/ø", "%%"))
    written = write_report(replace(plain, base=replace(plain.base, trace=odd)), tmp_path)
    traces = {path.name for path in written if path.name.startswith("trace_")}
    assert traces == {
        "trace_1_a-b.png",
        "trace_1_a-b.svg",
        "trace_2_strategy.png",
        "trace_2_strategy.svg",
    }
    assert {path.parent for path in written} == {tmp_path}
