"""Tables as other programs write them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from prioritering.readers import read_wide

VACCINE = json.loads(
    (Path(__file__).parents[1] / "reference" / "bcea_vaccine.json").read_text("utf-8")
)
NAMES = ("Status Quo", "Vaccination")
COST, EFFECT = np.array(VACCINE["cost"]), np.array(VACCINE["effect"])
N = COST.shape[1]


def columns(array, names=NAMES):
    return pd.DataFrame(dict(zip(names, array, strict=True)))


def heemod_table(rng, n=20, people=1000):
    rows = pd.DataFrame(
        {
            ".strategy_names": np.repeat(NAMES, n),
            ".index": np.tile(np.arange(1, n + 1), 2),
            "rate": np.tile(rng.random(n), 2),
            "fixed": 3.0,
            "cost_drug": rng.random(2 * n),
            ".cost": people * COST[:, :n].ravel(),
            ".effect": people * EFFECT[:, :n].ravel(),
            ".n_indiv": people,
        }
    )
    return rows.sample(frac=1.0, random_state=3)


def hesim_tables(rng, n=5):
    keys = pd.MultiIndex.from_product(
        [["drug", "medical"], [0.0, 0.03], range(1, n + 1), [1, 2], [1, 2]],
        names=["category", "dr", "sample", "strategy_id", "state_id"],
    )
    costs = pd.DataFrame({"costs": rng.random(len(keys))}, index=keys).reset_index()
    costs["grp_id"] = 1
    total = costs.groupby(["dr", "sample", "strategy_id", "state_id", "grp_id"])["costs"].sum()
    costs = pd.concat([costs, total.reset_index().assign(category="total")])
    qalys = costs[costs["category"] == "total"].rename(columns={"costs": "qalys"})
    return costs, qalys


def excel_frame():
    return pd.DataFrame(
        {
            "Drug, old": COST[0] / 4,
            "Rest, old": 3 * COST[0] / 4,
            "Drug, new": COST[1] / 4,
            "Rest, new": 3 * COST[1] / 4,
            "QALY old": EFFECT[0],
            "QALY new": EFFECT[1],
            "Hazard ratio (95 %)": np.linspace(0.5, 0.9, N),
        }
    )


ASKED = {
    "cost": {
        "old": {"drug": "Drug, old", "rest": "Rest, old"},
        "new": {"drug": "Drug, new", "rest": "Rest, new"},
    },
    "qaly": {"old": "QALY old", "new": "QALY new"},
}


def wide(tmp_path, text, **asked):
    (tmp_path / "m.csv").write_text(text, encoding="utf-8")
    return read_wide(tmp_path / "m.csv", **asked)


SMALL = {"cost": {"a": "ca", "b": "cb"}, "qaly": {"a": "qa", "b": "qb"}}
HEAD = "ca,cb,qa,qb\n"
