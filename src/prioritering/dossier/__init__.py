"""Case files: a model, its parameters and its rules in a folder that can be read, run and checked.

:func:`load_case` reads a folder against a strict schema, :func:`run_case` takes it from
parameters to decision, :func:`check_case` says what is wrong with it or assumed in it.
"""

from prioritering.dossier.build import BuiltCase, build_case
from prioritering.dossier.case_model import CaseModel
from prioritering.dossier.case_run import Assumption, CaseRun, Limit
from prioritering.dossier.check import Finding, check_case
from prioritering.dossier.confidential import Confidential, ConfidentialRun, load_confidential
from prioritering.dossier.decide import Decisions
from prioritering.dossier.examples import copy_example, examples, find_case
from prioritering.dossier.load import Case, load_case
from prioritering.dossier.results import results_json
from prioritering.dossier.run import run_case
from prioritering.dossier.schema import case_schema
from prioritering.dossier.sensitivity import case_uncertainty
from prioritering.dossier.uncertainty import CaseUncertainty

__all__ = [
    "Assumption",
    "BuiltCase",
    "Case",
    "CaseModel",
    "CaseRun",
    "CaseUncertainty",
    "Confidential",
    "ConfidentialRun",
    "Decisions",
    "Finding",
    "Limit",
    "build_case",
    "case_schema",
    "case_uncertainty",
    "check_case",
    "copy_example",
    "examples",
    "find_case",
    "load_case",
    "load_confidential",
    "results_json",
    "run_case",
]
