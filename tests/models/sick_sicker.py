"""The Sick-Sicker model as a user would write it; inputs in tests/reference/sick_sicker.json."""

import prioritering as pr
from tests.reference import reference

REFERENCE = reference("sick_sicker")
INPUTS = REFERENCE["inputs"]
NUMBERS = {k: float(v) for k, v in INPUTS.items() if k.startswith(("r_", "hr_", "c_", "u_"))}
STRATEGIES = tuple(INPUTS["strategies"])


def transitions(p, strategy, t):
    def prob(rate):
        return pr.rate_to_prob(rate, t.cycle_length)

    healthy_dies = prob(p.r_HD)
    sick_dies = prob(p.r_HD * p.hr_S1)
    progress = prob(
        p.r_S1S2 * (p.hr_S1S2_trtB if strategy in ("Strategy B", "Strategy AB") else 1.0)
    )
    return {
        ("H", "S1"): (1 - healthy_dies) * prob(p.r_HS1),
        ("H", "D"): healthy_dies,
        ("S1", "H"): (1 - sick_dies) * prob(p.r_S1H),
        ("S1", "S2"): (1 - sick_dies) * progress,
        ("S1", "D"): sick_dies,
        ("S2", "D"): prob(p.r_HD * p.hr_S2),
    }


def costs(p, strategy, t):
    drug = 0.0
    if strategy in ("Strategy A", "Strategy AB"):
        drug = drug + p.c_trtA
    if strategy in ("Strategy B", "Strategy AB"):
        drug = drug + p.c_trtB
    return {
        "care": {"H": p.c_H, "S1": p.c_S1, "S2": p.c_S2, "D": p.c_D},
        "drug": {"S1": drug, "S2": drug},
    }


def utilities(p, strategy, t):
    sick = p.u_trtA if strategy in ("Strategy A", "Strategy AB") else p.u_S1
    return {"H": p.u_H, "S1": sick, "S2": p.u_S2, "D": p.u_D}


def model(rule="half-cycle", **changes):
    given = {
        "states": ("H", "S1", "S2", "D"),
        "strategies": STRATEGIES,
        "cycle": pr.years(1),
        "horizon": pr.years(75),
        "transitions": transitions,
        "costs": costs,
        "utilities": utilities,
        "dead": "D",
        "correction": pr.CycleCorrection(rule),
    }
    return pr.MarkovModel(**{**given, **changes})
