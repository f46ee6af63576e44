import doctest
import importlib
import pkgutil
import subprocess
import sys

import pytest

import prioritering.report
import prioritering.report.figures
import prioritering.report.tables

HEAVY = ("matplotlib", "pandas", "scipy", "numba", "pydantic")
MODULES = [
    module.name
    for package in (prioritering.report, prioritering.report.figures, prioritering.report.tables)
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + ".")
]


@pytest.mark.parametrize("module", ["tables", "figures", "case"])
def test_heavy_packages_are_imported_only_where_they_are_used(module):
    seen = f"[m for m in {HEAVY} if m in sys.modules]"
    code = f"import sys, prioritering.report.{module}; print({seen})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
