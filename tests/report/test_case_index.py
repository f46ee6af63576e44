"""The list of a run's files."""

import re
import tomllib
from pathlib import Path

import pytest

import prioritering.report
from prioritering.report import case_decision, case_sensitivity
from prioritering.report.case_index import SECTIONS, write_index

WORDS = Path(prioritering.report.__file__).parent / "words" / "files.toml"
NAMES = ["summary.txt", "decision.en.html", "decision.no.md", "decision.csv", "decision.png",
         "trace.csv", "trace_1_a-b.png", "trace_2_c.png", "threshold_1_hr.csv", "own.csv",
         "results.json"]  # fmt: skip


def written(folder, names=NAMES, language="en"):
    path = write_index([folder / n for n in names], folder, title="A & B", language=language)
    return path.read_text("utf-8")


def test_every_file_is_linked_once_and_said_what_it_is(tmp_path):
    text = written(tmp_path)
    assert sorted(re.findall(r'href="([^"]+)"', text)) == sorted(NAMES)
    for said in ("Share of the cohort in each state: a-b: ", "The page of the decision: ",
                 "All results for programs, unrounded: ", "<h2>Other files</h2>",
                 "Files of the run: A &amp; B"):  # fmt: skip
        assert said in text
    assert '<html lang="nb">' in written(tmp_path, language="no")


def test_every_kind_of_file_has_words_and_a_section():
    kinds = [kind for names in SECTIONS.values() for kind in names]
    assert len(kinds) == len(set(kinds))
    assert set(kinds) == set(tomllib.loads(WORDS.read_text("utf-8"))["file"])


@pytest.mark.parametrize("room", [case_decision, case_sensitivity])
def test_every_table_of_a_case_is_known(room):
    known = {kind for names in SECTIONS.values() for kind in names}
    assert set(room.TABLES.values()) <= known
