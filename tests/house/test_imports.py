"""Importing the package is light: what is heavy loads where it is used."""

import subprocess
import sys

HEAVY = ("numba", "scipy.stats", "pandas", "matplotlib", "pydantic", "tqdm")


def loaded_after(statement):
    code = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_loads_nothing_heavy():
    assert not loaded_after("import prioritering") & set(HEAVY)


def test_severity_command_loads_nothing_heavy_but_the_schema():
    arguments = ["severity", "--age", "61", "--prognosis", "15.89", "--json"]
    command = f"from prioritering.cli import main; main({arguments})"
    assert not loaded_after(command) & (set(HEAVY) - {"pydantic"})


def test_every_public_name_exists_and_is_documented():
    import prioritering as pr

    for name in pr.__all__:
        assert getattr(pr, name).__doc__, name
