"""Turn measurements into ``benchmarks/RESULTS.md`` and the table in ``README.md``."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OPEN, CLOSE = "<!-- benchmarks -->", "<!-- /benchmarks -->"
PACKAGES = ("prioritering", "numpy", "numba", "scipy", "heormodel")
FIRST_RUN = {"Sick-Sicker:": "sick-sicker", "Ten states:": "ten-states", "Months:": "partitioned"}
FIRST = ("Sick-Sicker:", "Ten states:", "Months:", "Weeks:", "Acceptability")
PEERS = ("heormodel", "lifelines")
GROWING = "Growing Sick-Sicker: "

Timings = dict[str, dict[str, dict[str, Any]]]


def main(folder: Path) -> None:
    """Read what was measured and write both tables."""
    timings, stages, fresh = (_read(folder / f"{n}.json") for n in ("timings", "stages", "fresh"))
    by_task = sort_timings(timings["benchmarks"])
    summary = "\n\n".join([comparison(by_task, fresh), conditions(timings)])
    parts = [
        "# Benchmarks",
        "Written by `make bench`; the models and their NumPy twins are in this folder.",
        summary,
        "## Parts of a run",
        kernels(by_task),
        "## Growth with the number of draws",
        growth(by_task, fresh),
        "## Start-up",
        start_up(fresh),
        "## Where the time goes",
        where_time_goes(stages),
    ]
    (ROOT / "benchmarks" / "RESULTS.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(between_markers(text, summary), encoding="utf-8")


def sort_timings(benchmarks: Iterable[dict[str, Any]]) -> Timings:
    """Task -> who -> best time in seconds and notes."""
    found: Timings = {}
    for entry in benchmarks:
        notes = dict(entry["extra_info"])
        task, who = notes.pop("task"), notes.pop("who")
        found.setdefault(task, {})[who] = {**notes, "s": entry["stats"]["min"]}
    first = [task for start in FIRST for task in found if task.startswith(start)]
    return {task: found[task] for task in dict.fromkeys([*first, *found])}


def comparison(by_task: Timings, fresh: dict[str, Any]) -> str:
    """The table of the README."""
    head = ["task", "warm", "first run, compiled before / not", "peak memory"]
    head += ["NumPy, batched", "NumPy / ours", "peer", "peer / ours"]
    rows = []
    for task, who in by_task.items():
        if not task.startswith(GROWING):
            ours = who["ours"]["s"]
            row = [task, seconds(ours), *_first_run(task, fresh)]
            rows.append([*row, *_twin(who, ours), *_peer(who, ours)])
    return markdown(head, rows)


def _twin(who: dict[str, dict[str, Any]], ours: float) -> list[str]:
    if "numpy" not in who:
        return ["", ""]
    return [seconds(who["numpy"]["s"]), ratio(who["numpy"]["s"], ours)]


def _peer(who: dict[str, dict[str, Any]], ours: float) -> list[str]:
    """The fastest of the peers, and of the ways to run them."""
    peers = [name for name in who if name.startswith(PEERS)]
    if not peers:
        return ["", ""]
    best = min(peers, key=lambda name: who[name]["s"])
    failed = who[best].get("failed")
    note = f", {failed} failed" if failed else ""
    return [f"{seconds(who[best]['s'])} ({best}{note})", ratio(who[best]["s"], ours)]


def _first_run(task: str, fresh: dict[str, Any]) -> list[str]:
    for start, key in FIRST_RUN.items():
        if task.startswith(start):
            one = fresh[key]
            return [f"{seconds(one['warm'])} / {seconds(one['cold'])}", f"{one['peak_mb']:.0f} MB"]
    return ["", ""]


def conditions(timings: dict[str, Any]) -> str:
    """What the numbers hold for."""
    machine = timings["machine_info"]
    cpu = machine["cpu"]
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        "Models run from sampling to outcomes in one process on one thread, heormodel in the "
        "faster of one and two processes; best of several rounds. The NumPy twins are written for "
        "their one model, all draws at once; those of EVPPI, and heormodel there, give no standard "
        "error and no check of the fit. A first run is a whole process, from its start to its end, "
        "and peak memory is that process's. "
        f"{cpu.get('brand_raw', machine['machine'])}, {cpu['count']} cores; "
        f"Python {machine['python_version']}, {packages}; {datetime.now(UTC):%Y-%m-%d}."
    )


def kernels(by_task: Timings) -> str:
    """Parts timed alone, and nanoseconds per exponential."""
    rows = []
    for task, who in by_task.items():
        for name, one in who.items():
            if name == "numpy" or name.startswith(PEERS) or task.startswith(GROWING):
                continue
            exponentials = one.get("exponentials")
            each = f"{1e9 * one['s'] / exponentials:.2f}" if exponentials else ""
            count = f"{exponentials / 1e6:.1f}" if exponentials else ""
            label = "the whole" if name == "ours" else name
            share = f"{100 * one['s'] / who['ours']['s']:.0f} %"
            rows.append([task, label, seconds(one["s"]), share, count, each])
    head = ["task", "part", "time", "of the whole", "exponentials, millions", "ns each"]
    note = "A kernel alone repeats its calls on data that has left the cache, so it can look slow."
    return f"{markdown(head, rows)}\n\n{note}"


def growth(by_task: Timings, fresh: dict[str, Any]) -> str:
    """Time per draw as draws grow, and the memory of most draws."""
    rows = []
    for task, who in by_task.items():
        if task.startswith(GROWING):
            time, draws = who["ours"]["s"], who["ours"]["draws"]
            each = f"{1e6 * time / draws:.2f} us"
            rows.append([task.removeprefix(GROWING), seconds(time), each])
    most = fresh["memory"]
    note = f"Peak memory of a process that runs {most['draws']:,} draws: {most['peak_mb']:.0f} MB."
    return f"{markdown(['Sick-Sicker', 'time', 'per draw'], rows)}\n\n{note.replace(',', ' ')}"


def start_up(fresh: dict[str, Any]) -> str:
    """Seconds before anything is computed."""
    first = fresh["sick-sicker"]["warm_run"]
    rows = [
        ["`import prioritering`", seconds(fresh["import"])],
        ["`prioritering severity --age 61 --prognosis 15.89`", seconds(fresh["severity"])],
        ["first Sick-Sicker run after import, compiled before", seconds(first)],
    ]
    return markdown(["", "time"], rows)


def where_time_goes(stages: dict[str, dict[str, float]]) -> str:
    """One table per task, largest stage first."""
    blocks = []
    for task, found in stages.items():
        plain, total = found.pop("without profiler"), found.pop("under profiler")
        ordered = sorted(found.items(), key=lambda item: -item[1])
        rows = [[stage, seconds(s), f"{100 * s / total:.0f} %"] for stage, s in ordered]
        title = f"**{task}**: {seconds(plain)}; {seconds(total)} under the profiler. "
        largest = f"The largest cost is {ordered[0][0]}."
        blocks.append(f"{title}{largest}\n\n{markdown(['stage', 'time', 'share'], rows)}")
    return "\n\n".join(blocks)


def seconds(s: float) -> str:
    """Three digits, in ms below one second."""
    return f"{s:.3g} s" if s >= 0.9995 else f"{1e3 * s:.3g} ms"


def ratio(theirs: float, ours: float) -> str:
    """Two digits; whole numbers from ten on."""
    return f"{theirs / ours:.0f}" if theirs >= 9.95 * ours else f"{theirs / ours:.1f}"


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, numbers to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def between_markers(text: str, block: str) -> str:
    """Replace what stands between the markers; text without them is returned as it is."""
    pattern = re.compile(f"{re.escape(OPEN)}.*?{re.escape(CLOSE)}", re.DOTALL)
    return pattern.sub(lambda _: f"{OPEN}\n{block}\n{CLOSE}", text)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
