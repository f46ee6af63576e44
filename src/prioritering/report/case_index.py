"""The list of a run's files, with what each is, as a page of links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from prioritering.report.labels import check_language, label

INDEX_FILE = "index.html"

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "files.decision": ("decision_page", "summary", "decision", "small_group", "agreements"),
    "files.results": (
        "psa_comparison", "psa_pairwise", "psa_outcomes", "psa_best", "psa_severity", "severity",
        "comparison", "pairwise", "outcomes", "frontier", "plane", "net_benefit",
        "severity_acceptability",
    ),
    "files.uncertainty": (
        "documentation", "extrapolation", "classification", "cutoffs", "acceptability",
        "expected_loss", "increments", "ranks", "convergence", "tornado", "scenarios", "threshold",
        "drivers", "evppi", "population_evpi",
    ),
    "files.consequences": (
        "price", "price_path", "price_probability", "budget", "opportunity_cost", "personnel",
        "personnel_per_patient", "perspectives", "inventory",
    ),
    "files.inputs": (
        "parameters", "assumptions", "sources", "curves", "trace", "draws", "results_json",
    ),
}  # fmt: skip
"""Words of each section, and what stands in it, in order."""

_PAGES = re.compile(r"decision\.(en|no)\.(html|md)")
_NUMBERED = re.compile(r"(trace|threshold)_\d+_(.+)")
_STYLE = (
    "body{font:15px/1.5 sans-serif;max-width:48em;margin:2em auto;padding:0 1em;color:#222}"
    "h1{font-size:1.4em}h2{font-size:1.1em;margin:1.4em 0 .3em}ul{margin:0;padding-left:1.2em}"
)


def write_index(written: Sequence[Path], folder: Path, *, title: str, language: str) -> Path:
    """Write the list of files into their folder.

    Parameters
    ----------
    written
        Files in the folder.
    folder
        Where they are, and where the list goes.
    title
        Of the case.
    language
        ``"en"`` or ``"no"``.

    Raises
    ------
    UnknownNameError
        A language without labels.
    """
    check_language(language)
    path = folder / INDEX_FILE
    path.write_text(_page([file.name for file in written], title, language), encoding="utf-8")
    return path


def _page(names: Iterable[str], title: str, language: str) -> str:
    kinds: dict[tuple[str, str], list[str]] = {}
    for name in names:
        kinds.setdefault(_kind(name), []).append(name)
    body = "".join(_section(key, kinds, language) for key in (*SECTIONS, "files.others"))
    heading = f"{escape(label('files.title', language))}: {escape(title)}"
    lang = {"no": "nb"}.get(language, language)
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{heading}'
        f"</title><style>{_STYLE}</style></head><body>\n<h1>{heading}</h1>\n{body}</body></html>\n"
    )


def _section(key: str, kinds: Mapping[tuple[str, str], list[str]], language: str) -> str:
    items = list(_items(key, kinds, language))
    if not items:
        return ""
    return f"<h2>{escape(label(key, language))}</h2>\n<ul>\n{''.join(items)}</ul>\n"


def _items(key: str, kinds: Mapping[tuple[str, str], list[str]], language: str) -> Iterator[str]:
    known = {kind for names in SECTIONS.values() for kind in names}
    others = sorted({kind for kind, _ in kinds} - known)
    for kind in SECTIONS.get(key, others):
        for (found, about), names in kinds.items():
            if found == kind:
                text = label(f"file.{kind}", language) if kind in known else kind
                text = f"{text}: {about}" if about else text
                links = ", ".join(f'<a href="{escape(n)}">{escape(n)}</a>' for n in names)
                yield f"<li>{escape(text)}: {links}</li>\n"


def _kind(name: str) -> tuple[str, str]:
    """Tell what a file is, and what of several of its kind it is about."""
    if _PAGES.fullmatch(name):
        return "decision_page", ""
    if name == "results.json":
        return "results_json", ""
    stem = name.rpartition(".")[0]
    numbered = _NUMBERED.fullmatch(stem)
    return (numbered[1], numbered[2]) if numbered else (stem, "")
