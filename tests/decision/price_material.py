"""Runs whose every cost is known, to analyse the price of."""

import numpy as np

from prioritering.decision import price_analysis
from prioritering.outcomes import Outcomes


def two(drug, rest, gain, reference_drug=0.0):
    """Outcomes with a drug and a care category, from increments of shape (draw,)."""
    drug, rest, gain = np.broadcast_arrays(*map(np.atleast_1d, (drug, rest, gain)))
    zero = np.zeros_like(gain, dtype=float)
    by_category = np.array([[zero + reference_drug, drug], [zero, rest]], dtype=float)
    return Outcomes(
        strategies=("standard", "new"),
        cost_categories=("drug", "care"),
        cost_by_category=by_category,
        cost_by_category_undiscounted=None,
        qaly=np.array([zero + 5, gain + 5.0]),
        qaly_undiscounted=None,
        life_years=None,
        life_years_undiscounted=None,
    )


def analyse(out, **changes):
    arguments = {
        "reference": "standard",
        "category": "drug",
        "price": 100.0,
        "levels": [1000.0],
        **changes,
    }
    return price_analysis(out, **arguments)
