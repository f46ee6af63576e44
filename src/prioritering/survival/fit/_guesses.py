"""Starting values: straight lines through the log cumulative hazard, the log odds or the probit."""

from __future__ import annotations

import numpy as np

from prioritering.survival.fit._starts import LEAST_SLOPE, Sketch


def start_rate(sketch: Sketch) -> list[list[float]]:
    """Log of an average hazard."""
    return [[sketch.log_rate]]


def start_shape_scale(sketch: Sketch) -> list[list[float]]:
    """Line through the log cumulative hazard."""
    intercept, slope = sketch.line("hazard")
    return [[np.log(slope), -intercept / slope]]


def start_odds(sketch: Sketch) -> list[list[float]]:
    """Line through the log odds."""
    intercept, slope = sketch.line("odds")
    return [[np.log(slope), -intercept / slope]]


def start_weibull_ph(sketch: Sketch) -> list[list[float]]:
    """Line through the log cumulative hazard, in the other form."""
    intercept, slope = sketch.line("hazard")
    return [[np.log(slope), intercept]]


def start_gompertz(sketch: Sketch) -> list[list[float]]:
    """No slope, an average hazard."""
    return [[0.0, sketch.log_rate]]


def start_gamma(sketch: Sketch) -> list[list[float]]:
    """Mean of the Weibull line, its shape; and an exponential."""
    from scipy.special import gammaln

    intercept, slope = sketch.line("hazard")
    log_mean = -intercept / slope + gammaln(1 + 1 / slope)
    return [[np.log(slope), np.log(slope) - log_mean], [0.0, sketch.log_rate]]


def start_normal(sketch: Sketch) -> list[list[float]]:
    """Line through the probit."""
    intercept, slope = sketch.line("normal")
    return [[-intercept / slope, -np.log(slope)]]


_START_Q = (2.5, 1.5, 1.0, 0.6, 0.2, -0.2, -0.6, -1.0, -1.5, -2.5)


def start_generalised_gamma(sketch: Sketch) -> list[list[float]]:
    """Straight lines of log time on the standard quantiles for some Q, best first."""
    from scipy.special import gammainccinv, gammaincinv

    few = np.unique(np.linspace(0, sketch.x.size - 1, 25).astype(int))
    x, survival = sketch.x[few], sketch.survival[few]
    found = []
    for q in _START_Q:
        a = q**-2.0
        u = gammainccinv(a, survival) if q > 0 else gammaincinv(a, survival)
        w = np.log(np.maximum(u, 1e-300) / a) / q
        slope = max(float(np.cov(x, w)[0, 1] / max(w.var(ddof=1), 1e-12)), LEAST_SLOPE)
        middle = float(x.mean() - slope * w.mean())
        found.append((float(((x - middle - slope * w) ** 2).sum()), [middle, np.log(slope), q]))
    return [start for _, start in sorted(found, key=lambda pair: pair[0])]


def start_generalised_f(sketch: Sketch) -> list[list[float]]:
    """Take the best generalised gamma line, with three values of P."""
    best, *_ = start_generalised_gamma(sketch)
    return [[*best, log_p] for log_p in (-0.5, -3.0, 1.0)]
