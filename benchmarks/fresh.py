"""What only a fresh process shows: start-up, first runs, peak memory. Prints JSON.

``python -m benchmarks.fresh`` starts one process per measurement. Each task has a compile
cache of its own that is empty at its first run (cold) and filled at the next (warm).
``python -m benchmarks.fresh TASK DRAWS`` is such a process.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPEATS = 3
_ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
FIRST_RUNS = {"sick-sicker": 10_000, "ten-states": 1_000, "partitioned": 10_000}
MOST_DRAWS = 100_000
IMPORT = "import time; t = time.perf_counter(); import prioritering; print(time.perf_counter() - t)"


def measure() -> dict[str, object]:
    """Take every measurement, the best of a few repeats."""
    found: dict[str, object] = {}
    for task, draws in FIRST_RUNS.items():
        with tempfile.TemporaryDirectory() as cache:
            cold = _child([task, str(draws)], cache)
            warm = [_child([task, str(draws)], cache) for _ in range(REPEATS)]
            found[task] = {
                "cold": cold["process"],
                "warm": min(w["process"] for w in warm),
                "warm_run": min(w["run"] for w in warm),
                "peak_mb": min(w["peak_mb"] for w in warm),
            }
    most = _child(["sick-sicker", str(MOST_DRAWS)])
    found["memory"] = {"draws": MOST_DRAWS, "peak_mb": most["peak_mb"]}
    found["import"] = min(float(_output(["-c", IMPORT])) for _ in range(REPEATS))
    severity = ["-m", "prioritering", "severity", "--age", "61", "--prognosis", "15.89"]
    found["severity"] = min(_seconds(lambda: _output(severity)) for _ in range(REPEATS))
    return found


def _child(arguments: Sequence[str], cache: str | None = None) -> dict[str, float]:
    environment = {} if cache is None else {"NUMBA_CACHE_DIR": cache}
    start = time.perf_counter()
    printed = _output(["-m", "benchmarks.fresh", *arguments], **environment)
    return {"process": time.perf_counter() - start, **json.loads(printed)}


def _output(arguments: Sequence[str], **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**_ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _run(task: str, n: int) -> None:
    import prioritering as pr
    from benchmarks import models

    if task == "sick-sicker":
        draws = models.SICK_SICKER_PARAMETERS.sample(n, seed=1)
        models.sick_sicker().run(draws, discounting=models.FLAT_3)
    elif task == "ten-states":
        draws = models.TEN_STATE_PARAMETERS.sample(n, seed=1)
        rules = pr.guideline("no", as_of="2026-11-01")
        models.ten_states().run(draws, rules, discounting=models.FLAT_4)
    else:
        draws = models.PARTITIONED_PARAMETERS.sample(n, seed=1)
        models.partitioned(*models.MONTHLY).run(draws, discounting=models.FLAT_4)


def main() -> None:
    """Measure everything, or be one measured process."""
    if len(sys.argv) == 1:
        print(json.dumps(measure(), indent=2))
        return
    task, n = sys.argv[1], int(sys.argv[2])
    seconds = _seconds(lambda: _run(task, n))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"run": seconds, "peak_mb": peak}))


if __name__ == "__main__":
    main()
