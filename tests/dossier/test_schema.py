"""The strict schema: what a case file may hold, and how its faults are told."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from prioritering.dossier import Case, case_schema, examples, load_case, run_case
from prioritering.dossier.load import read_case
from prioritering.dossier.schema import CaseSpec
from prioritering.errors import CaseError, PrioriteringError, UnknownNameError

from .conftest import PARTITIONED, Write

Load = Callable[..., Case]


def test_a_loaded_case_knows_its_head(load: Load) -> None:
    case = load()
    assert (case.title, case.source, case.language, case.currency) == (
        "A small case",
        "made for tests",
        "en",
        "NOK",
    )
    assert (case.name, case.reference, case.option) == ("case", "standard", "new")
    assert list(case.sha256) == ["case.toml"]
    assert repr(case).startswith("Case('A small case'")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title =", "tittle =", r"unknown key 'tittle' \(.*line 2\).*Did you mean 'title'"),
        ("cycle =", "cicle =", r"unknown key 'cicle' \(.*key model\.cicle, line 15\).*'cycle'"),
        ("mean = 0.21", "men = 0.21", r"key parameters\.rate\.men, line 21\).*'mean'"),
        ('"gamma"', '"gama"', r"unknown distribution 'gama' .*Did you mean 'gamma'"),
        ('kind = "markov"', 'kind = "markof"', r"unknown kind 'markof' .*Did you mean 'markov'"),
        ("[costs.drug]", "[cost.drug]", r"unknown key 'cost' .*Did you mean 'costs'"),
    ],
)
def test_a_misspelt_key_names_file_key_line_and_the_nearest(
    write: Write, old: str, new: str, said: str
) -> None:
    with pytest.raises(UnknownNameError, match=said) as caught:
        load_case(write((old, new)))
    assert caught.value.where["file"] == "case.toml"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("schema_version = 1", "schema_version = 2", r"key schema_version, line 1\); expected 1"),
        ('title = "A small case"', "", "a key is missing .*expected the key 'title'"),
        ('title = "A small case"', 'title = " "', "key title, line 2"),
        ('kind = "markov"', "", r"a key is missing .*key model\.kind.*the key 'kind'"),
        ("mean = 0.21", "mean = nan", r"key parameters\.rate\.mean, line 21\).*finite.*found nan"),
        ("mean = 0.21", "mean = inf", "finite"),
        ("mean = 0.21", 'mean = "0.21"', "valid number; found '0.21'"),
        ("mean = 0.21", "mean = true", "valid number; found True"),
        ("age = 61", "age = false", r"key model\.age"),
        ("ci = [0.55, 0.94]", "ci = [0.55]", r"key parameters\.hr\.ci"),
        ("cycle = { months = 6 }", "cycle = { }", "one of days, weeks, months, years"),
        ("{ months = 6 }", "{ months = 6, days = 1 }", "found the keys months, days"),
        ("progressed = 0.6", "progressed = nan", r"key utilities\.progressed.*a finite number, an"),
        ("progressed = 0.6", "progressed = true", "a finite number, an expression in quotes"),
        ("progressed = 0.6", 'progressed = ""', "an expression in quotes"),
        ("progressed = 0.6", "progressed = { }", "an expression in quotes"),
        ("progressed = 0.6", "progressed = { new = [1] }", "an expression in quotes"),
        ("draws = 200", "draws = -1", r"key run\.draws.*greater than or equal to 0"),
        ("draws = 200", "draws = 10.5", r"key run\.draws"),
        ('["standard", "new"]', '["standard"]', r"key model\.strategies"),
        (
            "cycle = { months = 6 }",
            "cycle = 6",
            r"key model\.cycle.*such as \{ years = 40 \}; found 6",
        ),
        ('["standard", "new"]', '["standard", "new", "third"]', "the key option"),
        ("as_of = 2026-11-01", "as_of = 20261101", r"key guideline\.as_of"),
    ],
)
def test_a_value_the_schema_does_not_take_is_refused(
    write: Write, old: str, new: str, said: str
) -> None:
    with pytest.raises(CaseError, match=said):
        load_case(write((old, new)))


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ('[severity]\nskip = "x"\n', "sections do not fit together .*wtp and wtp_source exactly"),
        ("[decision]\nwtp = 5\n", "wtp together with wtp_source"),
        ('[decision]\nwtp = 5\nwtp_source = "x"\n', "sections do not fit together"),
        ("[decision]\nwtp_adjustment = -5\n", "together with adjustment_reason"),
        ("[decision]\npatients_source = 'x'\n", "patients_source only with patients_per_year"),
        ("[decision]\nyears = 5\n", "patients_per_year together with years"),
        ('[severity]\nskip = "x"\nage = 50\n', "skip alone"),
        ("[severity]\nqalys_population = 20.0\n", "together with its source"),
        ("[norm]\nbands = { 0 = 0.9 }\n", "either extend_below, or bands and their source"),
        ("[norm]\n", "either extend_below, or bands and their source"),
        ("[age_adjustment]\n", "the key 'reference_age'"),
    ],
)
def test_keys_that_belong_together_are_asked_for_together(
    write: Write, section: str, said: str
) -> None:
    with pytest.raises(CaseError, match=said):
        load_case(write(("[run]", f"{section}[run]")))


def test_a_table_is_shown_by_its_keys_and_a_long_value_is_cut(write: Write) -> None:
    with pytest.raises(CaseError) as caught:
        load_case(write(("mean = 0.21", f'mean = "{"x" * 500}"')))
    assert len(str(caught.value.found)) < 120


def test_every_fault_is_found_and_the_first_error_says_how_many_more(write: Write) -> None:
    folder = write(("mean = 0.21", "men = 0.21"), ("draws = 200", "draws = -1"))
    case, faults = read_case(folder)
    assert case is None
    assert len(faults) == 2
    with pytest.raises(UnknownNameError, match="1 more faults: 'prioritering check'"):
        load_case(folder)


def test_a_file_that_is_not_toml_says_where(write: Write) -> None:
    with pytest.raises(CaseError, match="not TOML .*line 16"):
        load_case(write(("horizon = {", "horizon = = {")))


@pytest.mark.parametrize("draws", ["9" * 5000, "1" + "0" * 4000])
def test_numbers_with_thousands_of_digits_are_refused(write: Write, draws: str) -> None:
    folder = write(("draws = 200", f"draws = {draws}"))
    with pytest.raises(PrioriteringError, match=r"thousands of digits|more draws than can be kept"):
        run_case(load_case(folder))


@pytest.mark.parametrize("depth", [30, 100, 200, 300, 400, 600, 900, 3000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{ a = ", " }")])
def test_brackets_within_brackets_are_refused(
    write: Write, depth: int, opening: str, closing: str
) -> None:
    nested = opening * depth + "0" + closing * depth
    with pytest.raises(PrioriteringError, match="deeper than can be followed|key parameters.rate"):
        load_case(write(("mean = 0.21", f"mean = {nested}")))


def test_a_file_that_is_not_utf8_is_refused(write: Write) -> None:
    folder = write()
    (folder / "case.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(CaseError, match="not UTF-8"):
        load_case(folder)


def test_a_folder_without_a_case_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        CaseError, match="not a case folder; expected a folder that holds case.toml"
    ):
        load_case(tmp_path)
    with pytest.raises(CaseError, match="found no folder"):
        load_case(tmp_path / "none")


def test_a_case_file_too_large_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prioritering.dossier.load.MAX_CASE_BYTES", 100)
    with pytest.raises(CaseError, match="case file is too large"):
        load_case(write())


def test_a_missing_csv_names_the_key(write: Write) -> None:
    table = '[tables.t]\ncsv = "none.csv"\nby = "age"\nkey = "age"\ncolumn = "q"\n'
    with pytest.raises(CaseError, match=r"a file is missing \(file case.toml, key tables.t.csv"):
        load_case(write(("[values]", f"{table}[values]")))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("hazard_ratio =", "hazard_rato =", "a step with one of the keys hazard_ratio"),
        ('"exponential"', '"exponental"', "unknown family 'exponental' .*'exponential'"),
        ('{ hazard_ratio = "hr" }', '{ switch_at = 5, too = "outer" }', "unknown key 'too'"),
        ('{ hazard_ratio = "hr" }', "{ switch_at = 5 }", "the key 'to'"),
        ('{ hazard_ratio = "hr" }', '{ floor = "0.1" }', "population"),
        ('free = "inner"', "free = 3", r"key endpoints\.free"),
    ],
)
def test_faults_of_curves_are_told(write: Write, old: str, new: str, said: str) -> None:
    with pytest.raises((CaseError, UnknownNameError), match=said):
        load_case(write((old, new), text=PARTITIONED))


def test_the_json_schema_is_json_and_refuses_unknown_keys_everywhere() -> None:
    schema = case_schema()
    json.dumps(schema, allow_nan=False)
    objects = [schema, *schema["$defs"].values()]
    closed = [o for o in objects if "properties" in o]
    assert len(closed) > 30
    assert all(o["additionalProperties"] is False for o in closed)
    assert set(schema["required"]) >= {"schema_version", "title", "guideline", "model"}
    assert schema["$defs"]["GammaSpec"]["properties"]["mean"]


@pytest.mark.parametrize("folder", examples().values(), ids=str)
def test_a_spec_survives_a_round_trip(folder: Path) -> None:
    spec = CaseSpec.model_validate(tomllib.loads((folder / "case.toml").read_text("utf-8")))
    assert CaseSpec.model_validate(spec.model_dump(exclude_unset=True)) == spec
