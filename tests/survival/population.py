"""A small life table for the tests: a constant hazard within each year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class YearlyTable:
    hazards: tuple[float, ...]

    def cumulative_hazard(self, years: np.ndarray) -> np.ndarray:
        assert (np.diff(years) > 0).all()
        total = np.append(0.0, np.cumsum(self.hazards))
        return np.interp(years, np.arange(total.size), total)

    def rates(self, years: np.ndarray) -> np.ndarray:
        return np.array(self.hazards)[np.floor(years).astype(int)]
