"""Take every timing and write the tables: ``python benchmarks/report.py``.

Each step is a process of its own. What they measured is kept in ``results/benchmarks``; the
tables go to ``benchmarks/RESULTS.md`` and between the markers in ``README.md``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MEASURED = ROOT / "results" / "benchmarks"
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def main() -> None:
    """Run the steps; the first that fails stops the rest."""
    MEASURED.mkdir(parents=True, exist_ok=True)
    plain = ("-o", "addopts=-q", "-p", "no:cacheprovider", "--benchmark-columns=min,median")
    _step("pytest", "benchmarks", *plain, f"--benchmark-json={MEASURED / 'timings.json'}")
    for name in ("stages", "fresh"):
        (MEASURED / f"{name}.json").write_text(_step(f"benchmarks.{name}", keep=True))
    _step("benchmarks.table", str(MEASURED))


def _step(module: str, *arguments: str, keep: bool = False) -> str:
    print(f"-- {module}", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE if keep else None,
        text=True,
        check=True,
    )
    return done.stdout or ""


if __name__ == "__main__":
    main()
