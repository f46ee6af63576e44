"""Which age and which prognosis give which class, and how far a case is from another one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import DataError, GuidelineError, ResultError
from prioritering.frozen import Frozen
from prioritering.severity.population import Method, checked_rules, population_qalys_near
from prioritering.severity.shortfall import Severity
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from prioritering.guidelines import Guideline, SeverityScale

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NOISE = 1e-9  # of the last digit; far above float error, far below meaning
_TABLE_VALUE = 1e-9  # QALYs


@dataclass(frozen=True)
class Margin:
    """The smallest change of one input, all else equal, that gives another severity class.

    Attributes
    ----------
    quantity
        ``"prognosis"`` in QALYs, or ``"age"`` in whole years.
    change
        Signed change that gives the class: of age in whole years; of prognosis in the last digit
        the guideline rounds to, or exactly when it does not round.
    exact_change
        For the prognosis, where the class changes: ``QALYs_A - P`` meets the least shortfall of
        the more severe class. For age the same as ``change``.
    included
        Whether the other class is reached at ``exact_change`` itself, or only beyond it: bounds
        are inclusive below, so a more severe class is reached at it, a less severe one beyond.
    severity_class, wtp
        The class reached and its reference willingness to pay.
    """

    quantity: Literal["prognosis", "age"]
    change: float
    exact_change: float
    included: bool
    severity_class: int
    wtp: float


@dataclass(frozen=True, repr=False, eq=False)
class ClassMap(Frozen, Shown):
    """Severity classes over age and prognosis, with the case in its place.

    A prognosis ``P`` at age ``A`` belongs to class ``k`` or a more severe one exactly when
    ``P <= QALYs_A - entry_k``, with ``entry_k`` the least shortfall that is rounded into it.

    Attributes
    ----------
    ages
        Years, shape (age,).
    population_qalys
        The population's remaining QALYs at each age, shape (age,).
    classes
        Numbers of the classes that have a boundary, from the second on.
    boundaries
        Highest prognosis of each of ``classes``, shape (class, age); below 0 nobody is in it.
    severity
        The case.
    draw_ages
        Age by draw where it was given, shape (draw,), otherwise the case's age throughout.
    probability_of_class
        Class number -> share of draws of age and prognosis in it.
    probability_of_class_se
        Monte Carlo standard errors of these; ``None`` with one draw.
    margins
        Smallest changes of one input that give another class.
    """

    ages: Floats
    population_qalys: Floats
    classes: tuple[int, ...]
    boundaries: Floats
    severity: Severity
    draw_ages: Floats
    probability_of_class: Mapping[int, float]
    probability_of_class_se: Mapping[int, float | None]
    margins: tuple[Margin, ...]

    def to_frame(self) -> pd.DataFrame:
        """Long table: age, severity_class, highest_prognosis."""
        import pandas as pd

        index = pd.MultiIndex.from_product(
            [self.classes, self.ages], names=["severity_class", "age"]
        )
        return pd.DataFrame({"highest_prognosis": self.boundaries.ravel()}, index).reset_index()

    def table(self, language: str = "en") -> pd.DataFrame:
        """How far the case is from other classes, rounded and labelled for a report."""
        from prioritering.report.tables.severity_sensitivity import margins_table

        return margins_table(self, language=language)

    def plot(self, ax: Axes | None = None, *, language: str = "en") -> Axes:
        """Draw the classes over age and prognosis, with the case and its draws."""
        from prioritering.report.figures.class_map import plot_class_map

        return plot_class_map(self, ax, language=language)

    def __repr__(self) -> str:
        moves = "; ".join(
            f"{m.change:+g} {'years' if m.quantity == 'age' else 'QALYs'} gives class "
            f"{m.severity_class}"
            for m in self.margins
        )
        return f"ClassMap(class {self.severity.expected.severity_class}; {moves or 'no other'})"


def class_map(
    severity: Severity,
    *,
    rules: Guideline,
    ages: ArrayLike | None = None,
    draw_ages: ArrayLike | None = None,
) -> ClassMap:
    """Map the severity classes over age and prognosis around a case.

    Parameters
    ----------
    severity
        The case, with the population's QALYs printed or computed.
    rules
        The guideline it was found by.
    ages
        Ages of the map, rising; left out: whole years up to 15 on both sides, as far as the
        tables reach.
    draw_ages
        Age by draw, shape (draw,), where the mean age is uncertain too; read from the tables
        like any other age.

    Raises
    ------
    ResultError
        A severity of another kind, population QALYs that are not the tables' at the case's age,
        ages that do not rise, or other draws of age than of the prognosis.
    DataError, GuidelineError
        An age the tables do not cover.
    """
    method = _method(severity, rules)
    grid = _around(severity.population.age, rules, method) if ages is None else _grid(ages)
    population = _population(grid, rules, method)
    scale = severity.scale
    classes = tuple(c.number for c in scale.classes[1:])
    drawn = _drawn(draw_ages, severity)
    numbers = scale.classify(_population(drawn, rules, method) - severity.prognosis)
    shares = {c.number: float(np.mean(numbers == c.number)) for c in scale.classes}
    n = severity.n_draws
    return ClassMap(
        ages=grid,
        population_qalys=population,
        classes=classes,
        boundaries=population - np.array([[scale.entry(k)] for k in classes]),
        severity=severity,
        draw_ages=drawn,
        probability_of_class=shares,
        probability_of_class_se={
            k: None if n == 1 else math.sqrt(p * (1 - p) / n) for k, p in shares.items()
        },
        margins=class_margins(severity, rules=rules),
    )


def class_margins(severity: Severity, *, rules: Guideline) -> tuple[Margin, ...]:
    """Find the smallest change of prognosis, or of age, that gives another severity class.

    Parameters and errors as for :func:`class_map`. Age moves in whole years with the prognosis
    held fixed; a direction in which no other class is met before the tables end is left out.

    Examples
    --------
    >>> from prioritering.guidelines import guideline
    >>> from prioritering.severity import absolute_shortfall
    >>> rules = guideline("no", as_of="2026-11-01")
    >>> case = absolute_shortfall(15.89, age=61, rules=rules)  # shortfall 4.91, class 2
    >>> [(m.quantity, round(m.change, 2), m.severity_class)
    ...  for m in class_margins(case, rules=rules)]
    [('prognosis', -3.09, 3), ('prognosis', 0.92, 1), ('age', -4, 3), ('age', 2, 1)]
    """
    method = _method(severity, rules)
    return (*_prognosis_margins(severity), *_age_margins(severity, rules, method))


def _prognosis_margins(severity: Severity) -> Iterator[Margin]:
    point, scale = severity.expected, severity.scale
    own = point.severity_class
    if own < len(scale.classes):
        exact = scale.entry(own + 1) - point.shortfall
        yield _margin(
            "prognosis", -_last_digit(exact, scale, beyond=False), -exact, True, own + 1, scale
        )
    if own > 1:
        exact = point.shortfall - scale.entry(own)
        yield _margin(
            "prognosis", _last_digit(exact, scale, beyond=True), exact, False, own - 1, scale
        )


def _last_digit(amount: float, scale: SeverityScale, *, beyond: bool) -> float:
    """Smallest multiple of the last digit that reaches an amount, or lies beyond it."""
    if scale.decimals is None:
        return amount
    per_unit = 10.0**scale.decimals
    digits = amount * per_unit
    steps = math.floor(digits + _NOISE) + 1 if beyond else math.ceil(digits - _NOISE)
    return steps / per_unit


def _age_margins(severity: Severity, rules: Guideline, method: Method) -> Iterator[Margin]:
    point, scale = severity.expected, severity.scale
    for direction in (-1, 1):
        years = 0
        while True:
            years += direction
            qalys = _covered(severity.population.age + years, rules, method)
            if qalys is None:
                break
            number = int(scale.classify(qalys - point.qalys_prognosis))
            if number != point.severity_class:
                yield _margin("age", years, years, True, number, scale)
                break


def _margin(
    quantity: Literal["prognosis", "age"],
    change: float,
    exact: float,
    included: bool,
    number: int,
    scale: SeverityScale,
) -> Margin:
    return Margin(quantity, change, exact, included, number, float(scale.wtp_of(number)))


def _covered(age: float, rules: Guideline, method: Method) -> float | None:
    """Look up the population's QALYs at an age; None where the tables do not reach."""
    if age < 0:
        return None
    try:
        return population_qalys_near(age, rules=rules, method=method).value
    except (DataError, GuidelineError):
        return None


def _method(severity: Severity, rules: Guideline) -> Method:
    """How the case's population was found; anything but the tables at its age is an error."""
    check_case(severity)
    checked_rules(rules)
    population = severity.population
    if population.method != "given":
        found = population_qalys_near(population.age, rules=rules, method=population.method)
        if abs(found.value - population.value) <= _TABLE_VALUE:
            return population.method
    raise ResultError(
        "the population's QALYs are not those of the tables at this age",
        expected="severity with population='printed' or 'computed', under the same rules",
        found=f"{population.value:g} at age {population.age:g}, {population.method}",
        remedy="Of a distribution of ages use its at_mean_age.",
    )


def check_case(severity: Severity) -> None:
    """Refuse what is not a severity."""
    if not isinstance(severity, Severity):
        raise ResultError(
            "severity is of another kind",
            expected="Severity",
            found=type(severity).__name__,
            remedy="It comes from absolute_shortfall(outcomes[reference], ...).",
        )


def _around(age: float, rules: Guideline, method: Method) -> Floats:
    whole = math.floor(age + 0.5)
    near = range(max(whole - 15, 0), whole + 16)
    return np.array([a for a in near if _covered(a, rules, method) is not None], dtype=np.float64)


def _grid(ages: ArrayLike) -> Floats:
    try:
        grid = np.array(ages, dtype=np.float64, ndmin=1)
    except (TypeError, ValueError):
        grid = np.empty(0)
    if grid.ndim != 1 or grid.size < 2 or not (np.diff(grid) > 0).all():
        raise ResultError(
            "ages of the map do not rise",
            expected="two ages or more, each above the one before",
            found=repr(ages),
        )
    return grid


def _drawn(draw_ages: ArrayLike | None, severity: Severity) -> Floats:
    n = severity.n_draws
    if draw_ages is None:
        return np.full(n, severity.population.age)
    try:
        drawn = np.array(draw_ages, dtype=np.float64, ndmin=1)
    except (TypeError, ValueError):
        drawn = np.empty(0)
    if drawn.shape != (n,):
        raise ResultError(
            "draws of age and of prognosis do not match",
            expected=f"{n} ages, one per draw",
            found=repr(draw_ages) if drawn.size == 0 else f"shape {drawn.shape}",
        )
    return drawn


def _population(ages: Floats, rules: Guideline, method: Method) -> Floats:
    distinct, place = np.unique(ages, return_inverse=True)
    found = [population_qalys_near(a, rules=rules, method=method).value for a in distinct.tolist()]
    return np.array(found)[place]
