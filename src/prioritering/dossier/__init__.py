"""Case files: a model, its parameters and its rules in a folder that can be read, run and checked.

:func:`load_case` reads a folder against a strict schema, :func:`run_case` takes it from
parameters to decision, :func:`check_case` says what is wrong with it or assumed in it.
"""

from prioritering.dossier.build import BuiltCase, build_case
from prioritering.dossier.case_run import Assumption, CaseRun, Limit
from prioritering.dossier.check import Finding, check_case
from prioritering.dossier.examples import copy_example, examples, find_case
from prioritering.dossier.load import Case, load_case
from prioritering.dossier.results import results_json
from prioritering.dossier.run import run_case
from prioritering.dossier.schema import case_schema

__all__ = [
    "Assumption",
    "BuiltCase",
    "Case",
    "CaseRun",
    "Finding",
    "Limit",
    "build_case",
    "case_schema",
    "check_case",
    "copy_example",
    "examples",
    "find_case",
    "load_case",
    "results_json",
    "run_case",
]
