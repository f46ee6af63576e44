import ast
import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

import prioritering.report
from prioritering.cea import Quadrant, Standing
from prioritering.cea.montecarlo import EVEN_METHODS
from prioritering.conventions import Rule, Timing
from prioritering.errors import UnknownNameError
from prioritering.guidelines.rule import Status
from prioritering.guidelines.topics import TOPICS
from prioritering.report.case import SUMMARY_FILE
from prioritering.report.case_index import INDEX_FILE
from prioritering.report.labels import LANGUAGES, label
from prioritering.survival.observed.kaplan_meier import IntervalKind
from prioritering.survival.observed.proportionality import Transform

SOURCE = Path(prioritering.report.__file__).parent
FILES = sorted((SOURCE / "words").glob("*.toml"))
KEY = re.compile(r"[a-z_]+\.[a-z_]+")
VOCABULARY = (
    *get_args(Standing),
    *get_args(Quadrant),
    *get_args(Status),
    *TOPICS,
    *get_args(Timing),
    *get_args(Rule),
    *get_args(IntervalKind),
    *get_args(Transform),
    *EVEN_METHODS,
    "low",
    "high",
    "decision index",
    "documentation index",
    "expected net benefit",
    *(f"{ns}_{ew}" for ns in ("north", "south") for ew in ("east", "west")),
)
PLACE = re.compile(r"\{(\w+)\}")


def entries(node, prefix=""):
    for name, below in node.items():
        if all(isinstance(text, str) for text in below.values()):
            yield prefix + name, below
        else:
            yield from entries(below, f"{prefix}{name}.")


@pytest.fixture(scope="module")
def texts():
    found = [pair for file in FILES for pair in entries(tomllib.loads(file.read_text("utf-8")))]
    keys = [key for key, _ in found]
    assert len(set(keys)) == len(keys), "a key stands in two files"
    return dict(found)


def test_every_key_has_words_in_both_languages(texts):
    assert len(texts) > 100
    for key, text in texts.items():
        assert set(text) == set(LANGUAGES), key
        assert all(words.strip() for words in text.values()), key


def test_both_languages_leave_the_same_places_open(texts):
    for key, text in texts.items():
        places = {language: sorted(PLACE.findall(text[language])) for language in LANGUAGES}
        assert places["en"] == places["no"], key


@pytest.fixture(scope="module")
def constants():
    """Every string constant of the room, parts of f-strings included."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def test_every_key_the_code_names_exists(texts, constants):
    groups = {key.split(".")[0] for key in texts}
    named = {c for c in constants if KEY.fullmatch(c) and c.split(".")[0] in groups}
    assert len(named) > 60
    assert named - {SUMMARY_FILE, INDEX_FILE} <= set(texts)


def test_no_key_is_left_over(texts, constants):
    """A key is named in full, or put together from its group and a name in the code or results."""
    names = constants | set(VOCABULARY)
    for key in texts:
        group, name = key.split(".")
        stems = {name, name.removeprefix("incremental_"), name.removesuffix("_index")}
        assert key in constants or (f"{group}." in constants and stems & names), key


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ("word", [w for w in get_args(Standing) if w != "frontier"]),
        ("word", get_args(Quadrant)),
        ("word", get_args(Status)),
        ("word", EVEN_METHODS),
        ("word", ["low", "high", "decision index", "documentation index", "expected net benefit"]),
        ("topic", list(TOPICS)),
        ("interval_kind", get_args(IntervalKind)),
        ("transform", get_args(Transform)),
        ("standing", ["dominated", "extendedly dominated"]),
        ("quadrant", ["north_east", "north_west", "south_east", "south_west"]),
    ],
)
def test_every_word_of_the_results_has_a_label(group, words, language):
    for word in words:
        assert label(f"{group}.{word}", language)


def test_values_fill_the_places():
    assert label("note.reference", "no", reference="a {b}") == "Hver strategi mot a {b}."


def test_an_unknown_language_is_refused():
    with pytest.raises(UnknownNameError, match=r"unknown language 'nn'.*'en', 'no'.*'no'"):
        label("column.cost", "nn")


def test_an_unknown_key_is_refused():
    with pytest.raises(UnknownNameError, match=r"unknown label 'column.cots'.*'column.cost'"):
        label("column.cots", "en")
