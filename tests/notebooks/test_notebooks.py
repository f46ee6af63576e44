"""Every notebook runs from top to bottom, and stays small."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs(path, tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "JUPYTER_CONFIG_DIR", str(tmp_path))
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    figures = [
        o for c in notebook.cells for o in c.get("outputs", ()) if "image/png" in o.get("data", {})
    ]
    tables = [
        o for c in notebook.cells for o in c.get("outputs", ()) if "text/html" in o.get("data", {})
    ]
    assert len(figures) >= 2
    assert len(tables) >= 2


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_is_kept_small(path):
    notebook = nbformat.read(path, as_version=4)
    assert path.stat().st_size < 20_000
    assert not any(cell.get("outputs") for cell in notebook.cells)


def test_the_three_notebooks_are_found():
    names = {"gbsg2_tamoxifen", "hiv_zidovudine", "survival_extrapolation"}
    assert {p.stem for p in NOTEBOOKS} >= names
