"""Values of information that are known exactly."""

import numpy as np
from scipy.stats import norm


def unit_normal_loss(mean, sd):
    """E[max(b, 0)] - max(E[b], 0) for b ~ N(mean, sd), as Raiffa and Schlaifer (1961) have it."""
    z = np.abs(mean) / sd
    return sd * (norm.pdf(z) - z * norm.sf(z))
