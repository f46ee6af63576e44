"""The command line: what it writes, prints and refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import prioritering
from prioritering.cli import main
from prioritering.dossier import examples
from prioritering.guidelines import guideline
from prioritering.severity import absolute_shortfall

Capture = pytest.CaptureFixture[str]

HIV = "hiv-zidovudine"


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, timeout=120
    )


def one_paragraph(capsys: Capture) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("prioritering: ")
    assert "Traceback" not in captured.err
    return captured.err


# run


def test_run_writes_tables_figures_and_results(tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "out"
    assert main(["run", HIV, "--draws", "100", "--out", str(out), "--quiet"]) == 0
    captured = capsys.readouterr()
    assert "Zidovudine with or without lamivudine" in captured.out
    assert "6,276" in captured.out
    assert captured.out.endswith(f"Written to {out}\n")
    assert captured.err == ""
    names = {p.name for p in out.iterdir()}
    assert {"results.json", "summary.txt", "comparison.csv", "plane.png", "plane.svg"} <= names
    results = json.loads((out / "results.json").read_text("utf-8"), parse_constant=pytest.fail)
    assert set(results) >= {
        "strategies",
        "comparison",
        "severity",
        "psa",
        "decision",
        "provenance",
    }
    assert results["psa"]["n_draws"] == 100
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_is_shown_progress_on_standard_error_only(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    assert main(["run", HIV, "--draws", "100", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["psa"]["seed"] == 1
    assert ("draws" in captured.err) == terminal


def test_json_is_all_that_is_printed_with_and_without_a_folder(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command = ["run", HIV, "--draws", "50", "--seed", "7", "--json", "--quiet"]
    assert main(command) == 0
    alone = capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    assert json.loads(alone)["psa"]["seed"] == 7
    assert main([*command, "--out", "results"]) == 0
    assert capsys.readouterr().out == alone
    assert (tmp_path / "results" / "results.json").read_text("utf-8") == alone


def test_run_makes_a_folder_named_after_the_case(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["examples", "--copy", HIV, "mine"]) == 0
    assert main(["run", "mine", "--draws", "0", "--quiet"]) == 0
    assert (tmp_path / "mine-results" / "results.json").is_file()
    capsys.readouterr()
    assert main(["run", "mine", "--draws", "0", "--quiet"]) == 2
    assert "--overwrite" in one_paragraph(capsys)
    assert main(["run", "mine", "--draws", "0", "--quiet", "--overwrite"]) == 0


def test_the_report_can_be_norwegian(tmp_path: Path, capsys: Capture) -> None:
    out = str(tmp_path / "ut")
    assert main(["run", HIV, "--draws", "50", "--language", "no", "--out", out, "--quiet"]) == 0
    assert "merkostnad" in capsys.readouterr().out.lower()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "no-such-case"], "unknown case 'no-such-case'"),
        (["run", HIV, "--draws", "1"], "0 for the base case alone, or 2 or more"),
        (["run", HIV, "--draws", "-5"], "found -5"),
        (["run", HIV, "--draws", "5000000000"], "at most 10,000,000"),
        (["run", HIV, "--draws", "5000000000", "--out", "new/deep"], "at most 10,000,000"),
        (["run", HIV, "--draws", "2", "--seed", "-1"], "seed"),
        (["check", "no-such-case"], "unknown case"),
        (["check"], "no case to check"),
        (["examples", "--copy", "hiv", "x"], "unknown example 'hiv'"),
        (["severity", "--age", "53", "--prognosis", "nan"], "prognosis"),
        (["severity", "--age", "nan", "--prognosis", "9"], "age"),
        (["severity", "--age", "-1", "--prognosis", "9"], "age"),
        (["severity", "--age", "30", "--prognosis", "9"], "found 30. Use --population computed"),
        (["severity", "--age", "150", "--prognosis", "9"], "found 150. Use --population computed"),
        (["severity", "--age", "53.5", "--prognosis", "9"], "53.5. Use --population computed"),
        (
            ["severity", "--age", "30", "--prognosis", "9", "--population", "computed"],
            "found 30. Write a case: its [norm]",
        ),
        (
            ["severity", "--age", "130", "--prognosis", "9", "--population", "computed"],
            "found 130. Give an age the life table covers.",
        ),
        (
            ["severity", "--age", "53", "--prognosis", "9", "--as-of", "2024-06-01"],
            "Give a later day with --as-of.",
        ),
        (["severity", "--age", "53", "--prognosis", "9", "--as-of", "1900-01-01"], "1900-01-01"),
        (["severity", "--age", "53", "--prognosis", "9", "--as-of", "soon"], "soon"),
        (["severity", "--age", "53", "--prognosis", "9", "--country", "se"], "'se'"),
    ],
)
def test_an_error_is_one_paragraph_and_exit_code_two(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert said in one_paragraph(capsys)
    assert list(tmp_path.iterdir()) == []


def test_a_fault_of_the_case_leaves_nothing_written(tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "case"
    assert main(["examples", "--copy", HIV, str(folder)]) == 0
    capsys.readouterr()
    text = (folder / "case.toml").read_text("utf-8")
    (folder / "case.toml").write_text(text.replace('"p_A.B * risk"', '"p_A.B * 5"'), "utf-8")
    assert main(["run", str(folder), "--out", str(tmp_path / "out"), "--quiet"]) == 2
    said = one_paragraph(capsys)
    assert "moves out of a state add up to too much" in said
    assert "'A'" in said
    assert [p.name for p in tmp_path.iterdir()] == ["case"]


def test_a_folder_that_cannot_be_made_is_told_before_the_run(
    tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "file").write_text("x")
    out = tmp_path / "file" / "out"
    assert main(["run", HIV, "--draws", "1000000000", "--out", str(out)]) == 2
    assert "cannot read or write" in one_paragraph(capsys)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_report_that_fails_leaves_nothing_half_written(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(run: object, folder: Path, **_: object) -> None:
        (folder / "half.csv").write_text("half")
        raise OSError(28, "No space left on device", str(folder))

    monkeypatch.setattr("prioritering.report.case.write_report", full_disk)
    out = tmp_path / "out"
    assert main(["run", HIV, "--draws", "50", "--out", str(out), "--quiet"]) == 2
    assert "No space left on device" in one_paragraph(capsys)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_run_says_so(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("prioritering.dossier.run_case", interrupt)
    assert main(["run", HIV, "--out", str(tmp_path / "out")]) == 130
    assert "interrupted" in one_paragraph(capsys)
    assert list(tmp_path.iterdir()) == []


# severity


def test_severity_prints_the_figures_and_the_day(capsys: Capture) -> None:
    arguments = ["severity", "--age", "53", "--prognosis", "9", "--as-of", "2026-11-01"]
    assert main(arguments) == 0
    out = capsys.readouterr().out
    for part in ("2026-11-01", "27.20 QALYs", "18.20 QALYs", "class:      5", "715,000 NOK"):
        assert part in out
    assert main(arguments[:-2]) == 0
    assert date.today().isoformat() in capsys.readouterr().out


def test_severity_says_what_is_second_hand_and_what_is_assumed(capsys: Capture) -> None:
    command = ["severity", "--age", "53", "--prognosis", "9", "--as-of", "2026-11-01"]
    rules = guideline("no", as_of="2026-11-01")
    found = absolute_shortfall(9, age=53, rules=rules).to_dict()
    assert found["second_hand"]
    assert found["levels_second_hand"]
    assert main(command) == 0
    lines = capsys.readouterr().out.splitlines()
    by_name = dict(line.split(":", 1) for line in lines if ":" in line)
    mark = " - second-hand: the original was not seen"
    assert by_name["Population, age 53"].endswith(f"{found['source']}{mark})")
    assert by_name["Classes and levels"].strip() == found["levels_source"] + mark
    assert main([*command, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["levels_source"] == found["levels_source"]
    assert printed["levels_second_hand"] is True
    assert main([*command, "--population", "computed"]) == 0
    assert "Assumption:          deaths are spread evenly" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("prognosis", "said"),
    [
        ("-2", "prioritering: note: the prognosis is negative (-2 QALYs)"),
        ("40", "prioritering: note: absolute shortfall is negative"),
    ],
)
def test_what_is_odd_is_a_note_without_code(prognosis: str, said: str, capsys: Capture) -> None:
    assert main(["severity", "--age", "53", "--prognosis", prognosis]) == 0
    captured = capsys.readouterr()
    assert captured.err.startswith(said)
    assert captured.err.count("\n") == 1
    assert ".py" not in captured.err
    assert "Severity class:" in captured.out


def test_other_warnings_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(_: Path, **_more: object) -> tuple[()]:
        warnings.warn("old", FutureWarning, stacklevel=1)
        return ()

    monkeypatch.setattr("prioritering.dossier.check_case", check)
    with pytest.warns(FutureWarning, match="old"):
        assert main(["check", HIV]) == 0


@pytest.mark.parametrize("population", ["printed", "computed"])
def test_severity_as_json_is_the_severity_object(population: str, capsys: Capture) -> None:
    command = ["severity", "--age", "53", "--prognosis", "9.123", "--as-of", "2026-11-01"]
    assert main([*command, "--population", population, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    rules = guideline("no", as_of="2026-11-01")
    severity = absolute_shortfall(9.123, age=53, rules=rules, population=population)  # type: ignore[arg-type]
    expected = severity.to_dict()
    expected["probability_of_class"] = {
        str(k): v for k, v in expected["probability_of_class"].items()
    }
    assert found == {
        **expected,
        "as_of": "2026-11-01",
        "guideline": rules.id,
        "hash": rules.hash,
    }
    np.testing.assert_allclose(
        found["absolute_shortfall"], found["qalys_population"] - 9.123, atol=0.0051
    )


def test_severity_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from prioritering.cli import main\n"
        "assert main(['severity', '--age', '53', '--prognosis', '9', '--json']) == 0\n"
        "heavy = {'numba', 'matplotlib', 'pandas', 'scipy', 'tqdm'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = python("-c", code)
    assert done.returncode == 0, done.stderr


# check and examples


@pytest.mark.parametrize("name", examples())
def test_check_passes_the_examples(name: str, capsys: Capture) -> None:
    assert main(["check", name]) == 0
    out = capsys.readouterr().out
    assert "passed: everybody is in one state at every time" in out
    assert out.splitlines()[-1].startswith("0 errors")


def test_one_error_is_one(tmp_path: Path, capsys: Capture) -> None:
    assert main(["check", str(tmp_path)]) == 2
    assert capsys.readouterr().out.splitlines()[-1] == "1 error, 0 other findings"


def test_check_lists_every_fault_and_fails(tmp_path: Path, capsys: Capture) -> None:
    text = 'title = "x"\n[run]\ndrws = 5\n[guideline]\ncountry = "no"\nas_of = 3\n'
    (tmp_path / "case.toml").write_text(text, "utf-8")
    assert main(["check", str(tmp_path)]) == 2
    out = capsys.readouterr().out
    assert "error: unknown key 'drws' (file case.toml, key run.drws, line 3)" in out
    assert "error: a key is missing (file case.toml, key schema_version)" in out
    assert "key guideline.as_of, line 6" in out
    errors = sum(line.startswith("error: ") for line in out.splitlines())
    assert out.splitlines()[-1] == f"{errors} errors, 0 other findings"


def test_check_prints_the_json_schema(capsys: Capture) -> None:
    assert main(["check", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "CaseSpec"


def test_check_takes_the_case_file_itself(capsys: Capture) -> None:
    assert main(["check", str(examples()[HIV] / "case.toml")]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("0 errors")


def test_a_reader_that_has_read_enough_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "prioritering", "check", "--schema"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_examples_are_listed(capsys: Capture) -> None:
    assert main(["examples"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(examples())


def test_the_module_and_the_version_work_from_a_shell() -> None:
    done = python("-m", "prioritering", "--version")
    assert (done.returncode, done.stdout) == (0, f"prioritering {prioritering.__version__}\n")
    assert python("-m", "prioritering", "run", "no-such-case").returncode == 2
    assert python("-m", "prioritering").returncode == 2
