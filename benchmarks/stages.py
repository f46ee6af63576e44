"""Where the time of a run goes: seconds by stage, under cProfile. Prints JSON.

The profiler charges every Python call a little, so stages of many small calls look
somewhat larger than they are; the whole is given with and without it.
"""

from __future__ import annotations

import contextlib
import cProfile
import io
import json
import pstats
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import prioritering as pr
from benchmarks import models
from prioritering.cli import main as command_line
from prioritering.dossier import find_case, load_case
from prioritering.dossier.build import build_case

ROUNDS = 5
Stages = dict[str, tuple[str, ...]]
"""Stage -> functions as ``file:name``; ``-file:name``, part of another function, is taken off."""

SAMPLING = ("parameters/collection.py:sample",)
FUNCTIONS = ("models/values.py:call",)
TOTALS = ("models/run.py:add_up", "models/run.py:gather")

MARKOV: Stages = {
    "sampling": SAMPLING,
    "the user's functions": FUNCTIONS,
    "reading moves and rewards": (
        "models/markov.py:_read_edges",
        "models/rewards.py:read_rewards",
        "models/rewards.py:check_utilities",
        "models/markov.py:_pay",
        "models/values.py:stacks",
    ),
    "checking moves": ("models/markov.py:_check_moves",),
    "cohort kernel": ("engine/cohort.py:run_markov",),
    "adding up and gathering": TOTALS,
}
PARTITIONED: Stages = {
    "sampling": SAMPLING,
    "the user's functions": (*FUNCTIONS, "benchmarks/models.py:curves"),
    "curves: exponentials": ("survival/_kernels.py:fill_exp",),
    "curves: checking and copying": (
        "models/partitioned.py:_given_curves",
        "models/partitioned.py:_blocks",
        "-survival/_kernels.py:fill_exp",
    ),
    "splitting kernel": ("engine/curves.py:run_partitioned",),
    "adding up and gathering": TOTALS,
}
CASE: Stages = {
    "reading the case": ("dossier/load.py:load_case",),
    "building it, and the base case": ("dossier/run.py:run_base",),
    "sampling and running the draws": ("dossier/run.py:_sample",),
    "severity": ("dossier/run.py:severity_of",),
    "comparison and decision": ("cea/analysis.py:compare", "dossier/run.py:_decide"),
    "price, budget, staff and page": ("dossier/decide.py:decide",),
    "sensitivity and value of information": ("dossier/sensitivity.py:case_uncertainty",),
    "writing tables": ("report/case.py:_write_table",),
    "writing figures": ("report/case.py:_write_figure", "report/case.py:_write_new_figure"),
}

GBSG2: Stages = {
    "the case's expressions": ("parameters/expressions.py:evaluate",),
    "curves: log-normal hazards": ("survival/_kernels.py:fill_normal",),
    "curves: survival from hazards": ("survival/_kernels.py:survival_from_hazard",),
    "curves: population mortality and others": (
        "survival/_evaluation.py:survival",
        "-survival/_kernels.py:fill_normal",
        "-survival/_kernels.py:survival_from_hazard",
    ),
    "curves: checking and copying": (
        "models/partitioned.py:_given_curves",
        "models/partitioned.py:_blocks",
        "-survival/_evaluation.py:survival",
    ),
    "reading rewards": (
        "models/rewards.py:read_rewards",
        "models/partitioned.py:_pay",
        "models/values.py:stacks",
    ),
    "splitting kernel": ("engine/curves.py:run_partitioned",),
    "adding up and gathering": TOTALS,
}


def profiled(run: Callable[[], object], stages: Stages) -> dict[str, float]:
    """Seconds by stage of the fastest of some profiled runs, and of the fastest plain run."""
    run()
    plain = min(_seconds(run) for _ in range(ROUNDS))
    best = min((_profile(run) for _ in range(ROUNDS)), key=lambda stats: stats.total_tt)
    by_name: dict[str, float] = {}
    for (file, _, name), (*_, cumulative, _) in best.stats.items():
        key = f"{'/'.join(Path(file).parts[-2:])}:{name}"
        by_name[key] = by_name.get(key, 0.0) + cumulative
    found = {
        stage: sum(
            -by_name[name[1:]] if name.startswith("-") else by_name[name] for name in functions
        )
        for stage, functions in stages.items()
    }
    found["rest"] = best.total_tt - sum(found.values())
    return {"without profiler": plain, "under profiler": best.total_tt, **found}


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _profile(run: Callable[[], object]) -> pstats.Stats:
    profiler = cProfile.Profile()
    profiler.runcall(run)
    return pstats.Stats(profiler)


def _sick_sicker() -> object:
    draws = models.SICK_SICKER_PARAMETERS.sample(10_000, seed=1)
    return models.sick_sicker().run(draws, discounting=models.FLAT_3)


def _ten_states() -> object:
    draws = models.TEN_STATE_PARAMETERS.sample(1_000, seed=1)
    rules = pr.guideline("no", as_of="2026-11-01")
    return models.ten_states().run(draws, rules, discounting=models.FLAT_4)


def _partitioned(grid: tuple[pr.Duration, pr.Duration], n: int) -> Callable[[], object]:
    def run() -> object:
        draws = models.PARTITIONED_PARAMETERS.sample(n, seed=1)
        return models.partitioned(*grid).run(draws, discounting=models.FLAT_4)

    return run


def _gbsg2_draws() -> Callable[[], object]:
    built = build_case(load_case(find_case("gbsg2-tamoxifen")))
    draws = built.parameters.sample(10_000, seed=1)

    def run() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pr.PrioriteringWarning)  # curves that were capped
            return built.model.run(draws, built.rules)

    return run


def _gbsg2_case(folder: str) -> None:
    arguments = ["run", "gbsg2-tamoxifen", "--draws", "10000", "--out", folder, "--overwrite"]
    with contextlib.redirect_stdout(io.StringIO()):
        failed = command_line([*arguments, "--quiet"])
    if failed:
        raise SystemExit("the example did not run")


def main() -> None:
    """Profile every task and print the result."""
    with tempfile.TemporaryDirectory() as folder:
        found = {
            "Sick-Sicker, 10 000 draws": profiled(_sick_sicker, MARKOV),
            "Ten states, 1 000 draws": profiled(_ten_states, MARKOV),
            "Partitioned, 240 months, 10 000 draws": profiled(
                _partitioned(models.MONTHLY, 10_000), PARTITIONED
            ),
            "Partitioned, 2 087 weeks, 1 000 draws": profiled(
                _partitioned(models.WEEKLY, 1_000), PARTITIONED
            ),
            "prioritering run gbsg2-tamoxifen, 10 000 draws": profiled(
                lambda: _gbsg2_case(f"{folder}/out"), CASE
            ),
            "GBSG-2, the 10 000 draws alone": profiled(_gbsg2_draws(), GBSG2),
        }
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
