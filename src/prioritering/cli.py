"""Command line: run, check and copy cases, and look up severity."""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prioritering.errors import PrioriteringError, PrioriteringWarning
from prioritering.plural import plural

if TYPE_CHECKING:
    from prioritering.dossier import Case, Confidential

CONFIDENTIAL_FOLDER = "confidential"

OK, FAILED, INTERRUPTED = 0, 2, 130

SECOND_HAND = "second-hand: the original was not seen"

_IN_A_COMMAND = {
    "computed": "Use --population computed: it takes any age the life table and the norm cover.",
    "NormTable.from_bands": "Write a case: its [norm] takes a norm of your own, or an assumption.",
    "LifeTable.from_arrays": "Give an age the life table covers.",
    "with_rule": "Give a later day with --as-of.",
}
"""Ways out as the command line has them, by what names them in Python."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments
        Instead of those of the process.

    Returns
    -------
    int
        0, or 2 after an error told in one paragraph on standard error.
    """
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        with _warnings_as_notes():
            code = command(options)
        sys.stdout.flush()
        return code
    except PrioriteringError as error:
        print(f"prioritering: {error}", file=sys.stderr)
    except BrokenPipeError:  # whoever reads, such as head, has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except OSError as error:
        reason = error.strerror or str(error)
        place = f": {error.filename}" if error.filename else ""
        print(f"prioritering: cannot read or write ({reason}){place}.", file=sys.stderr)
    except KeyboardInterrupt:
        print("prioritering: interrupted, nothing was written.", file=sys.stderr)
        return INTERRUPTED
    return FAILED


@contextmanager
def _warnings_as_notes() -> Iterator[None]:
    """Print this package's warnings as sentences, without the place in its code."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PrioriteringWarning)
        yield
    for warning in caught:
        if issubclass(warning.category, PrioriteringWarning):
            print(f"prioritering: note: {warning.message}", file=sys.stderr)
        else:
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )


def _run(options: argparse.Namespace) -> int:
    from prioritering.dossier import find_case, load_case, results_json, run_case
    from prioritering.dossier.output import RESULTS_FILE, whole_folder
    from prioritering.report.case import summary, write_confidential, write_report

    case = load_case(find_case(options.case))
    secret = _secret(options, case)
    language = options.language or case.language
    settings = {
        "draws": options.draws,
        "seed": options.seed,
        "progress": not options.quiet and sys.stderr.isatty(),
    }
    settings |= {"uncertainty": True, "confidential": secret}
    out = options.out or (None if options.json else Path(f"{case.name}-results"))
    if out is None:
        run = run_case(case, **settings)
        print(results_json((run.confidential or run).results))
        return OK
    with whole_folder(out, overwrite=options.overwrite) as folder:
        run = run_case(case, **settings)
        write_report(run, folder, language=language)
        text = results_json(run.results)
        (folder / RESULTS_FILE).write_text(text + "\n", encoding="utf-8")
        if run.confidential is not None:
            write_confidential(run, folder / CONFIDENTIAL_FOLDER, language=language)
            text = results_json(run.confidential.results)
    written = f"Written to {out}"
    if secret is not None:
        written += f"\nConfidential results, and only they, in {out / CONFIDENTIAL_FOLDER}"
    print(text if options.json else f"{summary(run, language)}\n\n{written}")
    return OK


def _secret(options: argparse.Namespace, case: Case) -> Confidential | None:
    """Read the secret agreement, only for the confidential view."""
    if options.view != "confidential":
        return None
    from prioritering.dossier import load_confidential

    return load_confidential(case)


def _severity(options: argparse.Namespace) -> int:
    found = _shortfall(options)
    if options.json:
        print(json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print("\n".join(_severity_lines(found)))
    return OK


def _shortfall(options: argparse.Namespace) -> dict[str, Any]:
    """Severity object, and the rules it was found under."""
    from prioritering.guidelines import guideline
    from prioritering.severity import absolute_shortfall

    if options.prognosis < 0:
        text = f"the prognosis is negative ({options.prognosis:g} QALYs): worse than being dead"
        warnings.warn(text, PrioriteringWarning, stacklevel=2)
    as_of = options.as_of or date.today().isoformat()
    try:
        rules = guideline(options.country, as_of=as_of)
        severity = absolute_shortfall(
            options.prognosis, age=options.age, rules=rules, population=options.population
        )
    except PrioriteringError as error:
        from prioritering.dossier.faults import reworded

        raise reworded(error, _IN_A_COMMAND) from error
    return {**severity.to_dict(), "as_of": as_of, "guideline": rules.id, "hash": rules.hash}


def _severity_lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"Rules in force {found['as_of']} ({found['guideline']})"
    origin = _origin(f"{found['method']}; {found['source']}", second_hand=found["second_hand"])
    yield f"Population, age {found['age']:g}:  {found['qalys_population']:.2f} QALYs ({origin})"
    yield f"Prognosis:           {found['qalys_prognosis']:.2f} QALYs"
    share = f"{100 * found['proportional_shortfall']:.0f} % of the population's"
    yield f"Absolute shortfall:  {found['absolute_shortfall']:.2f} QALYs ({share})"
    yield f"Severity class:      {found['severity_class']} (weight {found['weight']:g})"
    yield f"Willingness to pay:  {found['wtp']:,.0f} NOK per QALY"
    if found.get("levels_source"):
        levels = _origin(found["levels_source"], second_hand=found.get("levels_second_hand", False))
        yield f"Classes and levels:  {levels}"
    for assumption in found["assumptions"]:
        yield f"Assumption:          {assumption}"


def _origin(source: str, *, second_hand: bool) -> str:
    return f"{source} - {SECOND_HAND}" if second_hand else source


def _check(options: argparse.Namespace) -> int:
    if options.schema:
        from prioritering.dossier.schema import case_schema

        print(json.dumps(case_schema(), indent=2, ensure_ascii=False))
        return OK
    from prioritering.dossier import check_case, find_case

    if options.case is None:
        raise PrioriteringError("no case to check", expected="a folder, an example, or --schema")
    secret = options.view == "confidential"
    findings = check_case(find_case(options.case), confidential=secret)
    for finding in findings:
        print(f"{finding.level}: {finding.text}")
    errors = sum(finding.level == "error" for finding in findings)
    print(f"{plural(errors, 'error')}, {plural(len(findings) - errors, 'other finding')}")
    return FAILED if errors else OK


def _examples(options: argparse.Namespace) -> int:
    from prioritering.dossier.examples import copy_example, example_title, examples

    if options.copy:
        name, target = options.copy
        print(f"Copied to {copy_example(name, to=target)}")
        return OK
    for name, folder in examples().items():
        print(f"{name:<20} {example_title(folder)}")
    return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="prioritering",
        description="Health-economic analysis under Norway's priority-setting rules.",
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", help="run a case and write tables, figures and results"))
    _add_severity(commands.add_parser("severity", help="absolute shortfall and severity class"))
    check = commands.add_parser("check", help="say what is wrong with a case or assumed in it")
    check.add_argument(
        "case", nargs="?", metavar="CASE", help="case folder, its case.toml, or an example"
    )
    check.add_argument("--schema", action="store_true", help="print the JSON Schema of case.toml")
    _add_view(check)
    check.set_defaults(command=_check)
    listing = commands.add_parser("examples", help="list the bundled cases, or copy one")
    listing.add_argument("--copy", nargs=2, metavar=("NAME", "DIR"), help="copy a case to DIR")
    listing.set_defaults(command=_examples)
    return parser


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("case", metavar="CASE", help="case folder, or name of a bundled example")
    run.add_argument("--draws", type=int, metavar="N", help="draws instead of the case's; 0: none")
    run.add_argument("--seed", type=int, metavar="S", help="seed instead of the case's")
    run.add_argument("--out", type=Path, metavar="DIR", help="folder to make (CASE-results)")
    run.add_argument("--overwrite", action="store_true", help="replace an earlier run's folder")
    run.add_argument("--json", action="store_true", help="print results.json, and only that")
    _add_view(run)
    run.add_argument("--language", choices=("en", "no"), help="instead of the case's")
    run.add_argument(
        "--quiet", action="store_true", help="no progress bar (only a terminal gets one)"
    )
    run.set_defaults(command=_run)


def _add_view(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--view",
        choices=("public", "confidential"),
        default="public",
        help="confidential: also read confidential.toml; its results are kept apart",
    )


def _add_severity(severity: argparse.ArgumentParser) -> None:
    severity.add_argument("--age", type=float, required=True, metavar="A", help="years")
    severity.add_argument(
        "--prognosis",
        type=float,
        required=True,
        metavar="Q",
        help="undiscounted remaining QALYs under today's standard treatment",
    )
    severity.add_argument("--as-of", metavar="DATE", help="rules in force that day (today)")
    severity.add_argument("--country", default="no", help="whose rules (no)")
    severity.add_argument("--population", choices=("printed", "computed"), default="printed")
    severity.add_argument("--json", action="store_true", help="print the severity object")
    severity.set_defaults(command=_severity)


def _version() -> str:
    from prioritering import __version__

    return f"prioritering {__version__}"
