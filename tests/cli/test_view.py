"""The two views of a run on the command line, and that the public one holds nothing secret."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from prioritering.cli import main
from prioritering.dossier import copy_example
from tests.dossier.decision_case import CONFIDENTIAL, DECISION, write_secret

from .test_cli import Capture, one_paragraph

LABEL = "Made for tests"
TEXT = {".csv", ".md", ".html", ".txt", ".json", ".svg"}


def case(place: Path, *, secret: bool) -> Path:
    folder = place / "case"
    folder.mkdir(parents=True)
    (folder / "case.toml").write_text(DECISION, encoding="utf-8")
    return write_secret(folder) if secret else folder


def run(folder: Path, out: Path, *more: str) -> None:
    assert main(["run", str(folder), "--draws", "100", "--quiet", "--out", str(out), *more]) == 0


def public_files(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Public run without the file, public run beside it, and the confidential run."""
    place = tmp_path_factory.mktemp("views")
    without, beside = case(place / "a", secret=False), case(place / "b", secret=True)
    found = {name: place / name for name in ("without", "beside", "confidential")}
    run(without, found["without"])
    run(beside, found["beside"])
    run(beside, found["confidential"], "--view", "confidential")
    return found


def test_public_files_are_the_same_bytes_whatever_is_agreed(outputs: dict[str, Path]) -> None:
    expected = public_files(outputs["without"])
    assert len(expected) > 40
    for name in ("beside", "confidential"):
        found = public_files(outputs[name])
        assert found.keys() == expected.keys()
        assert [k for k in found if found[k] != expected[k]] == [], name
    assert not (outputs["beside"] / "confidential").exists()


def test_no_public_file_holds_a_confidential_number(outputs: dict[str, Path]) -> None:
    secret = json.loads((outputs["confidential"] / "confidential" / "results.json").read_text())
    net = [row for row in secret["agreements"] if row["confidential"]]
    numbers = {row["quantity"]: row["value"] for row in net if row["value"] is not None}
    words = {LABEL, "confidential.toml", "0.3717", "37 %", "37.2 %", "157,075", "157075"}
    for quantity in ("icer", "incremental_cost", "net_benefit"):
        words |= {f"{numbers[quantity]:,.0f}", f"{numbers[quantity]:.6g}", repr(numbers[quantity])}
    for path in outputs["confidential"].iterdir():
        if path.suffix in TEXT:
            text = path.read_text("utf-8").replace("\u00a0", " ")
            for word in words:
                assert not re.search(rf"(?<![\d.,]){re.escape(word)}(?!\d)", text), (path, word)


def test_every_confidential_file_is_marked(outputs: dict[str, Path]) -> None:
    folder = outputs["confidential"] / "confidential"
    names = {path.name for path in folder.iterdir()}
    assert {"results.json", "agreements.csv", "budget.csv", "opportunity_cost.csv"} <= names
    assert {"agreements.png", "budget.png", "decision.en.html", "decision.no.html"} <= names
    for path in folder.iterdir():
        if path.suffix in TEXT:
            text = path.read_text("utf-8")
            assert re.search("confidential|konfidensiel", text, flags=re.IGNORECASE), path
    assert LABEL in (folder / "agreements.csv").read_text("utf-8")
    assert LABEL in (folder / "decision.en.md").read_text("utf-8")
    budget = (folder / "budget.svg").read_text("utf-8")
    assert "CONFIDENTIAL" in budget


def test_pages_are_written_in_both_languages(outputs: dict[str, Path]) -> None:
    for language, word in (("en", "Public version"), ("no", "Offentlig versjon")):
        for kind in ("html", "md"):
            text = (outputs["without"] / f"decision.{language}.{kind}").read_text("utf-8")
            assert word in text


def test_json_of_the_confidential_view_is_marked(tmp_path: Path, capsys: Capture) -> None:
    folder = case(tmp_path, secret=True)
    command = ["run", str(folder), "--draws", "50", "--json", "--quiet"]
    assert main([*command, "--view", "confidential"]) == 0
    secret = json.loads(capsys.readouterr().out)
    assert (secret["view"], secret["confidential"]) == ("confidential", LABEL)
    assert main(command) == 0
    public = capsys.readouterr().out
    assert LABEL not in public
    assert "view" not in json.loads(public)


def test_the_terminal_says_where_the_confidential_results_are(
    tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "out"
    run(case(tmp_path, secret=True), out, "--view", "confidential", "--language", "no")
    said = capsys.readouterr().out
    assert said.endswith(f"Confidential results, and only they, in {out / 'confidential'}\n")
    assert "Pris, budsjett og personell" in said
    assert LABEL not in said


def test_a_case_without_an_agreement_has_no_confidential_view(
    tmp_path: Path, capsys: Capture
) -> None:
    folder = case(tmp_path, secret=False)
    out = tmp_path / "out"
    arguments = ["run", str(folder), "--view", "confidential", "--out", str(out), "--quiet"]
    assert main(arguments) == 2
    assert "the case has no confidential file" in one_paragraph(capsys)
    assert not out.exists()


def test_a_broken_confidential_file_does_not_stop_a_public_run(
    tmp_path: Path, capsys: Capture
) -> None:
    folder = case(tmp_path, secret=True)
    write_secret(folder, CONFIDENTIAL.replace("0.3717", "= ="))
    assert main(["run", str(folder), "--draws", "50", "--json", "--quiet"]) == 0
    capsys.readouterr()
    assert main(["run", str(folder), "--json", "--quiet", "--view", "confidential"]) == 2
    assert "confidential.toml" in one_paragraph(capsys)


def test_the_bundled_agreement_takes_40_per_cent_off(tmp_path: Path, capsys: Capture) -> None:
    folder = copy_example("gbsg2-tamoxifen", to=tmp_path / "mine")
    command = ["run", str(folder), "--draws", "100", "--json", "--quiet"]
    assert main([*command, "--view", "confidential"]) == 0
    secret = json.loads(capsys.readouterr().out)
    price = next(row for row in secret["page"]["rows"] if row["key"] == "current_price")
    np.testing.assert_allclose(price["net"]["value"], 0.6 * price["cell"]["value"], rtol=1e-12)
    assert "Constructed for the example" in secret["confidential"]
