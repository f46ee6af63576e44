"""A Markov and a partitioned model that count resources in every way they may be keyed."""

import numpy as np

import prioritering as pr
from prioritering import survival

RNG = np.random.default_rng(11)
N_DRAWS = 300
DRAWS = pr.Draws.from_arrays(
    {
        "progress": RNG.uniform(0.01, 0.05, N_DRAWS),
        "die": RNG.uniform(0.01, 0.04, N_DRAWS),
        "hours": RNG.uniform(5, 15, N_DRAWS),
        "wage": RNG.uniform(500, 700, N_DRAWS),
        "scale": RNG.uniform(2, 4, N_DRAWS),
    }
)


def used(p, strategy, t):
    extra = 2.0 if strategy == "new" else 1.0
    return {
        "nurse hours": {
            "stable": p.hours * extra,
            "progressed": p.hours + 0.5 * t.start,
            ("stable", "dead"): 3.0 + 0.1 * t.start,
        },
        "visits": {pr.at_start: 1.0, pr.entry("dead"): 2.0 * p.hours, "stable": 4.0 + t.start},
        "none of these": {"stable": 0.0},
    }


MARKOV = {
    "states": ("stable", "progressed", "dead"),
    "strategies": ("old", "new"),
    "cycle": pr.months(3),
    "horizon": pr.years(7),
    "transitions": lambda p, strategy, t: {
        ("stable", "progressed"): p.progress,
        ("stable", "dead"): p.die,
        ("progressed", "dead"): 2 * p.die + 0.001 * t.start,
    },
    "costs": {"care": {"stable": 100.0, pr.at_start: 5.0}},
    "utilities": {"stable": 0.8, "progressed": 0.6},
    "resources": used,
}


def markov(**changes):
    return pr.MarkovModel(**{**MARKOV, **changes})


def treated(p, strategy, t):
    return {
        "doses": {"treatment": 17.4, pr.at_start: 1.0},
        "palliative days": {pr.leaving("pfs"): p.hours, pr.entry("dead"): 6.0},
        "scans": {"stable": 4.0 + 0.1 * t.start, "progressed": p.hours},
    }


PARTITIONED = {
    "states": ("stable", "progressed", "dead"),
    "endpoints": ("pfs", "os"),
    "strategies": ("old", "new"),
    "durations": ("treatment",),
    "cycle": pr.months(1),
    "horizon": pr.years(6),
    "curves": lambda p, strategy, t: {
        "pfs": survival.exponential(rate=1 / p.scale),
        "os": survival.exponential(rate=0.5 / p.scale),
        "treatment": survival.exponential(rate=2.0 / p.scale) if strategy == "new" else None,
    },
    "costs": {"drug": {"treatment": 9.0, pr.at_start: 2.0}, "end": {pr.entry("dead"): 4.0}},
    "utilities": {"stable": 0.8, "progressed": 0.6},
    "resources": treated,
}


def partitioned(**changes):
    return pr.PartitionedModel(**{**PARTITIONED, **changes})
