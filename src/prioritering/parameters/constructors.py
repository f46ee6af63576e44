"""Constructors that take what a paper prints and return a :class:`Parameter`."""

from __future__ import annotations

from math import inf, log, log1p, sqrt
from typing import Unpack

from prioritering.errors import ParameterError
from prioritering.parameters._checks import number, pair, positive
from prioritering.parameters._estimates import (
    Interval,
    chosen_form,
    lognormal_from_ci,
    standard_error,
    warn_off_centre,
)
from prioritering.parameters.distributions import (
    Beta,
    Fixed,
    Gamma,
    LogNormal,
    Normal,
    Triangular,
    Uniform,
)
from prioritering.parameters.distributions.normal import USE_FIXED
from prioritering.parameters.parameter import Description, Meta, Parameter, build, check_keywords


def fixed(value: float, **meta: Unpack[Description]) -> Parameter:
    """Return a number without uncertainty.

    Parameters
    ----------
    value
        The number.
    **meta
        ``unit``, ``description``, ``source``, ``price_year``, ``assumption``; see
        :class:`Description`.

    Raises
    ------
    ParameterError
        Not a finite number.

    Examples
    --------
    >>> fixed(250_000, unit="NOK/year", price_year=2024).value
    250000.0
    """
    check_keywords(meta, own=("value",), value=False)
    return build(Fixed(value), meta)


def beta(
    *,
    mean: float | None = None,
    se: float | None = None,
    ci: Interval | None = None,
    level: float | None = None,
    a: float | None = None,
    b: float | None = None,
    **meta: Unpack[Meta],
) -> Parameter:
    """Beta distribution, for probabilities and utility weights.

    Give ``mean`` and ``se``, or ``mean`` and ``ci``, or the shapes ``a`` and ``b``.

    Parameters
    ----------
    mean, se
        Mean and standard error: ``a + b = mean (1 - mean) / se^2 - 1`` and
        ``a = mean (a + b)`` (method of moments; Briggs, Claxton and Sculpher, Decision
        Modelling for Health Economic Evaluation, 2006, chapter 4).
    ci
        Confidence interval around the mean. Its width gives the standard error,
        ``(upper - lower) / (2 z)`` with ``z = 1.959964`` at 95 %: the distribution has that
        mean and that spread, and its own quantiles differ slightly from the limits.
    level
        Coverage of ``ci``, 0.95 unless given.
    a, b
        Shapes, for example events and non-events.
    **meta
        See :class:`Meta`.

    Raises
    ------
    ParameterError
        A mean outside (0, 1), a standard error that no distribution on [0, 1] can have
        (``se^2 >= mean (1 - mean)``), an interval not around the mean or outside [0, 1], or
        another set of arguments.

    Examples
    --------
    >>> beta(mean=0.82, se=0.02).distribution.describe()
    'beta(a 301.76, b 66.24)'
    """
    given = {"mean": mean, "se": se, "ci": ci, "a": a, "b": b}
    form = chosen_form("beta", (("mean", "se"), ("mean", "ci"), ("a", "b")), given, level, meta)
    if form == ("a", "b"):
        return build(Beta(number("a", a), number("b", b)), meta)
    m = number("mean", mean)
    if not 0 < m < 1:
        raise ParameterError(
            "mean of a beta distribution is impossible", expected="between 0 and 1", found=m
        )
    error, largest = standard_error(m, se, ci, level, support=(0.0, 1.0)), sqrt(m * (1 - m))
    if error >= largest:
        raise ParameterError(
            "standard error is too large for a beta distribution",
            expected=f"below sqrt(mean (1 - mean)) = {largest:.6g}",
            found=f"{error:.6g} with mean {m:g}",
            remedy="Check that it is the standard error of the mean, not a standard deviation.",
        )
    total = (largest / error) * (largest / error) - 1
    return build(Beta(m * total, (1 - m) * total), meta)


def gamma(
    *,
    mean: float | None = None,
    se: float | None = None,
    ci: Interval | None = None,
    level: float | None = None,
    shape: float | None = None,
    rate: float | None = None,
    scale: float | None = None,
    **meta: Unpack[Meta],
) -> Parameter:
    """Gamma distribution, for costs, rates and other amounts that cannot be negative.

    Give ``mean`` and ``se``, ``mean`` and ``ci``, ``shape`` and ``rate``, or ``shape`` and
    ``scale``.

    Parameters
    ----------
    mean, se
        Mean and standard error: ``shape = mean^2 / se^2``, ``rate = mean / se^2``.
    ci, level
        Confidence interval around the mean and its coverage (0.95 unless given); the width
        gives the standard error as in :func:`beta`.
    shape, rate, scale
        Natural parameters; ``scale = 1 / rate``.
    **meta
        See :class:`Meta`.

    Raises
    ------
    ParameterError
        A mean, standard error, shape, rate or scale that is not positive, an interval not
        around the mean or below 0, or another set of arguments.

    Examples
    --------
    >>> gamma(mean=0.21, se=0.03, unit="per year").distribution.describe()
    'gamma(shape 49, rate 233.333)'
    """
    sets = (("mean", "se"), ("mean", "ci"), ("shape", "rate"), ("shape", "scale"))
    given = {"mean": mean, "se": se, "ci": ci, "shape": shape, "rate": rate, "scale": scale}
    form = chosen_form("gamma", sets, given, level, meta)
    if form == ("shape", "rate"):
        return build(Gamma(number("shape", shape), number("rate", rate)), meta)
    if form == ("shape", "scale"):
        return build(Gamma(number("shape", shape), 1 / positive("scale", scale)), meta)
    m = positive("mean of a gamma distribution", mean)
    ratio = m / standard_error(m, se, ci, level, support=(0.0, inf))
    return build(Gamma(ratio * ratio, ratio * ratio / m), meta)


def lognormal(
    *,
    mean: float | None = None,
    se: float | None = None,
    median: float | None = None,
    ci: Interval | None = None,
    level: float | None = None,
    meanlog: float | None = None,
    sdlog: float | None = None,
    **meta: Unpack[Meta],
) -> Parameter:
    """Lognormal distribution, for hazard ratios, relative risks and skewed costs.

    Give ``median`` and ``ci`` (what a paper prints of a ratio), ``median`` and ``sdlog``,
    ``mean`` and ``se``, ``mean`` and ``ci``, or ``meanlog`` and ``sdlog``. The base case is
    the *mean*, which lies above the median; state ``value`` to run it at the published estimate.

    Parameters
    ----------
    median
        ``exp(meanlog)``. A published ratio with its interval is a median: the estimate was
        made on the log scale, where the distribution is symmetric.
    ci, level
        Confidence interval and its coverage (0.95 unless given):
        ``sdlog = (log upper - log lower) / (2 z)``.
        With ``mean``: ``meanlog = log(mean) - sdlog^2 / 2``.
    mean, se
        Mean and standard error on the natural scale: ``sdlog^2 = log(1 + se^2 / mean^2)``.
    meanlog, sdlog
        Mean and standard deviation of the logarithm.
    **meta
        See :class:`Meta`.

    Raises
    ------
    ParameterError
        Numbers that are not positive, an interval not around the estimate, a mean whose
        implied median is more than 2 % from the interval's geometric mid-point, or another
        set of arguments.

    Warns
    -----
    PrioriteringWarning
        The median lies far from the interval's geometric mid-point.

    Examples
    --------
    >>> hr = lognormal(median=0.72, ci=(0.55, 0.94), unit="ratio", value=0.72)
    >>> hr.value, round(hr.distribution.mean, 4)
    (0.72, 0.7268)
    """
    sets = (
        ("median", "ci"),
        ("median", "sdlog"),
        ("mean", "se"),
        ("mean", "ci"),
        ("meanlog", "sdlog"),
    )
    given = {"mean": mean, "se": se, "median": median, "ci": ci, "meanlog": meanlog, "sdlog": sdlog}
    form = chosen_form("lognormal", sets, given, level, meta)
    if form == ("mean", "se"):
        m, error = positive("mean", mean), positive("se", se, remedy=USE_FIXED)
        variance = log1p((error / m) * (error / m))
        return build(LogNormal(log(m) - variance / 2, sqrt(variance)), meta)
    if "ci" in form:
        return build(lognormal_from_ci(mean, median, ci, level), meta)
    if median is not None:
        meanlog = log(positive("median", median))
    return build(LogNormal(number("meanlog", meanlog), number("sdlog", sdlog)), meta)


def normal(
    *,
    mean: float | None = None,
    se: float | None = None,
    ci: Interval | None = None,
    level: float | None = None,
    **meta: Unpack[Meta],
) -> Parameter:
    """Return a normal distribution, for differences and coefficients that can take either sign.

    Give ``mean`` and ``se``, or ``mean`` and ``ci``.

    Parameters
    ----------
    mean, se
        Mean and standard error.
    ci, level
        Confidence interval and its coverage (0.95 unless given):
        ``se = (upper - lower) / (2 z)``.
    **meta
        See :class:`Meta`.

    Raises
    ------
    ParameterError
        A standard error that is not positive, an interval not around the mean, or another
        set of arguments.

    Warns
    -----
    PrioriteringWarning
        The mean lies far from the middle of the interval.

    Examples
    --------
    >>> normal(mean=-0.06, se=0.015).distribution.describe()
    'normal(mu -0.06, sigma 0.015)'
    """
    given = {"mean": mean, "se": se, "ci": ci}
    chosen_form("normal", (("mean", "se"), ("mean", "ci")), given, level, meta)
    m = number("mean", mean)
    error = standard_error(m, se, ci, level, support=(-inf, inf))
    if ci is not None:
        warn_off_centre("mean", m, m, *pair("ci", ci))
    return build(Normal(m, error), meta)


def uniform(
    *, low: float | None = None, high: float | None = None, **meta: Unpack[Meta]
) -> Parameter:
    """Return a uniform distribution from ``low`` to ``high``.

    Raises
    ------
    ParameterError
        ``low`` not below ``high``, or one of them missing.

    Examples
    --------
    >>> uniform(low=0.2, high=0.6, assumption=True).value
    0.4
    """
    chosen_form("uniform", (("low", "high"),), {"low": low, "high": high}, None, meta)
    return build(Uniform(number("low", low), number("high", high)), meta)


def triangular(
    *,
    low: float | None = None,
    mode: float | None = None,
    high: float | None = None,
    **meta: Unpack[Meta],
) -> Parameter:
    """Return a triangular distribution: limits and the most likely value.

    The base case is the mean, ``(low + mode + high) / 3``; state ``value`` to run it at the mode.

    Raises
    ------
    ParameterError
        ``low`` not below ``high``, a mode outside them, or one of the three missing.

    Examples
    --------
    >>> triangular(low=1, mode=2, high=6).value
    3.0
    """
    given = {"low": low, "mode": mode, "high": high}
    chosen_form("triangular", (("low", "mode", "high"),), given, None, meta)
    return build(Triangular(number("low", low), number("mode", mode), number("high", high)), meta)
