"""The part of a case's report on price, budget and personnel, and its confidential files."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib.image as mpimg
import matplotlib.pyplot as plt
import numpy as np
import pytest

from prioritering.dossier import (
    CaseRun,
    copy_example,
    find_case,
    load_case,
    load_confidential,
    run_case,
)
from prioritering.report.case import case_tables, summary, write_confidential, write_report
from prioritering.report.case_decision import (
    FIGURES,
    TABLES,
    confidential_figures,
    confidential_tables,
)


@pytest.fixture(scope="module")
def small() -> CaseRun:
    return run_case(load_case(find_case("constructed-small-group")), draws=100)


@pytest.fixture(scope="module")
def secret() -> CaseRun:
    case = load_case(find_case("gbsg2-tamoxifen"))
    return run_case(case, draws=100, confidential=load_confidential(case))


def test_every_result_has_a_table_and_those_with_one_a_figure(
    small: CaseRun, tmp_path: Path
) -> None:
    names = {path.name for path in write_report(small, tmp_path)}
    assert {f"{name}.csv" for name in (*TABLES.values(), "personnel_per_patient")} <= names
    assert {f"{TABLES[name]}.png" for name in FIGURES} <= names
    assert {"price_probability.svg", "decision.en.html", "decision.no.md"} <= names


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Price, budget and personnel", "Price at which the limit is met", "Patients in"]),
        ("no", ["Pris, budsjett og personell", "Pris som gir kostnad lik grensen", "Pasienter i"]),
    ],
)
def test_the_summary_tells_price_budget_and_criteria(
    small: CaseRun, language: str, words: list[str]
) -> None:
    text = summary(small, language)
    for word in words:
        assert word in text


def test_a_case_without_sections_says_nothing_of_them() -> None:
    run = run_case(load_case(find_case("hiv-zidovudine")), draws=100)
    assert "Price, budget and personnel" not in summary(run, "en")
    assert not set(case_tables(run)) & {"price", "budget", "personnel", "inventory"}


def test_without_a_confidential_part_the_summary_is_the_same(secret: CaseRun) -> None:
    public = run_case(secret.case, draws=100)
    assert summary(secret) == summary(public)
    assert "onstructed" not in summary(secret)


@pytest.mark.parametrize(("language", "mark"), [("en", "CONFIDENTIAL"), ("no", "KONFIDENSIELT")])
def test_every_confidential_table_begins_with_its_mark(
    secret: CaseRun, language: str, mark: str
) -> None:
    assert secret.confidential is not None
    frames = confidential_tables(secret.confidential, currency="NOK", language=language)
    assert set(frames) == {"agreements", "budget", "opportunity_cost"}
    for frame in frames.values():
        first, terms = frame.attrs["notes"][:2]
        assert first.startswith(mark)
        assert "Constructed for the example: no such agreement exists." in first
        assert "40" in terms


def test_the_agreement_is_named_in_the_language(secret: CaseRun) -> None:
    assert secret.confidential is not None
    for language, name in (("en", "Net price"), ("no", "Nettopris")):
        frame = confidential_tables(secret.confidential, currency="NOK", language=language)
        assert frame["agreements"].columns[-1] == name
        draw = dict(confidential_figures(secret.confidential))["agreements"]
        axes = draw(language=language)
        assert name in [tick.get_text() for tick in axes.get_yticklabels()]
        plt.close(axes.get_figure())
        assert secret.confidential.page is not None
        assert "net price:" not in secret.confidential.page.text("no")


def test_the_page_has_what_is_assumed_for_what_it_is(secret: CaseRun) -> None:
    assert secret.page is not None
    origins = {row.key: row.origin for row in secret.page.rows}
    assert origins["current_price"].status == "assumption"
    assert (origins["hours_per_year"].status, origins["hours_per_year"].source) == (
        "assumption",
        "",
    )
    text = secret.page.text("no")
    assert "NOK per behandlingsår (antakelse)" in text
    assert not re.search(r"\[\d+\] assumption\.", text)


def test_the_folder_lists_its_files(secret: CaseRun, tmp_path: Path) -> None:
    for write in (write_report, write_confidential):
        folder = tmp_path / write.__name__
        written = {path.name for path in write(secret, folder, "no")}
        listed = set(re.findall(r'href="([^"]+)"', (folder / "index.html").read_text("utf-8")))
        assert listed == (written | {"results.json"}) - {"index.html"}
        assert "Andre filer" not in (folder / "index.html").read_text("utf-8")
    assert "KONFIDENSIELT" in (folder / "index.html").read_text("utf-8")


def test_the_summary_says_what_the_decision_rests_on_and_names_the_assumed_once(
    secret: CaseRun,
) -> None:
    text = summary(secret, "en")
    assert "rest on these means, not on the base case" in " ".join(text.split())
    assert "Assumed values:" not in text
    assert "(cost_tamoxifen): no source: assumed" in " ".join(text.split())


def test_a_mark_stands_above_a_confidential_figure(secret: CaseRun, tmp_path: Path) -> None:
    write_confidential(secret, tmp_path)
    image = mpimg.imread(tmp_path / "budget.png")[..., :3]
    red = (image[..., 0] - image[..., 1:].max(axis=-1)) > 0.3
    rows = np.flatnonzero(red[:, : image.shape[1] // 2].any(axis=1))
    assert rows.size
    assert rows[0] < 0.05 * image.shape[0]


def test_a_copied_case_can_be_reported_twice(tmp_path: Path) -> None:
    run = run_case(load_case(copy_example("constructed-small-group", to=tmp_path / "c")), draws=50)
    first = {p.name: p.read_bytes() for p in write_report(run, tmp_path / "one")}
    second = {p.name: p.read_bytes() for p in write_report(run, tmp_path / "two")}
    assert first == second
