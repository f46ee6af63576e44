"""The conversion formulas alone: arrays in, arrays out, nothing checked."""

from __future__ import annotations

from typing import Any

import numpy as np


def rate_to_prob(rate: Any, time: Any) -> Any:
    """``1 - exp(-rate * time)``."""
    return -np.expm1(-rate * time)


def prob_to_rate(prob: Any, time: Any) -> Any:
    """``-log(1 - prob) / time``."""
    return -np.log1p(-prob) / time


def prob_to_odds(prob: Any) -> Any:
    """``prob / (1 - prob)``."""
    return prob / (1.0 - prob)


def odds_to_prob(odds: Any) -> Any:
    """``odds / (1 + odds)``."""
    return odds / (1.0 + odds)


def apply_hazard_ratio(prob: Any, hr: Any) -> Any:
    """``1 - (1 - prob)^hr``; 0 when ``hr`` is 0, also at ``prob = 1``."""
    return np.where(hr == 0.0, 0.0, -np.expm1(hr * np.log1p(-prob)))[()]
