"""Who drives the decision: swing, value of information and share of variance side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from prioritering.cea.net_benefit import checked_wtp
from prioritering.errors import ParameterError, ResultError, unknown_name
from prioritering.frozen import Frozen
from prioritering.outcomes import Outcomes
from prioritering.parameters import Draws, Parameters
from prioritering.psa.sensitivity.batch import Question, Runs, increments, run_batch
from prioritering.psa.sensitivity.one_way import OneWay, one_way
from prioritering.psa.sensitivity.units import independent_units
from prioritering.psa.sensitivity.variance import Indices, saltelli, sobol
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from prioritering.guidelines import Guideline


class ValueWithError(Protocol):
    """Expected value of partial perfect information, with its standard error."""

    @property
    def value(self) -> Any:
        """Per patient, in the currency of the costs."""

    @property
    def se(self) -> Any:
        """Monte Carlo standard error of ``value``, or ``None``."""


@dataclass(frozen=True)
class Driver:
    """One parameter, or parameters that cannot be told apart, and what it does.

    Attributes
    ----------
    name, members
        The parameter, or the group and the parameters in it.
    swing
        Largest one-way swing of incremental net monetary benefit among its numbers;
        ``None`` where none of them moves by itself (rows drawn together).
    decision_changes
        Whether one of them turns the decision within its range; ``None`` without swing.
    evppi, evppi_se
        Expected value of partial perfect information per patient and its Monte Carlo
        standard error; ``None`` where it was not computed.
    first_order, first_order_se
        Share of the variance of incremental net monetary benefit explained by it alone.
    total_order, total_order_se
        Share of the variance it takes part in, interactions included.
    """

    name: str
    members: tuple[str, ...]
    swing: float | None
    decision_changes: bool | None
    evppi: float | None
    evppi_se: float | None
    first_order: float
    first_order_se: float
    total_order: float
    total_order_se: float


@dataclass(frozen=True, repr=False, eq=False)
class Drivers(Frozen, Shown):
    """Parameters by what they do to the decision, the most important first.

    Attributes
    ----------
    reference, option, wtp
        What is compared, and the willingness to pay per QALY.
    rows
        By falling EVPPI where it was computed, then by falling total Sobol index.
    tornado
        The one-way analysis behind the swings.
    n_sobol
        Points of each Sobol sample; the model ran ``n_sobol * (rows + 2)`` draws for them.
    variance
        Variance of incremental net monetary benefit in these samples.
    """

    reference: str
    option: str
    wtp: float
    rows: tuple[Driver, ...]
    tornado: OneWay
    n_sobol: int
    variance: float
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Driver:
        for row in self.rows:
            if row.name == name:
                return row
        raise unknown_name("driver", name, [row.name for row in self.rows])

    @property
    def has_evppi(self) -> bool:
        """Whether any row has an expected value of partial perfect information."""
        return any(row.evppi is not None for row in self.rows)

    def sentence(self, language: str = "en", *, name: str | None = None) -> str:
        """Say of one parameter, the first if none is named, what a decision maker should know."""
        from prioritering.report.tables.drivers import driver_sentence

        row = self.rows[0] if name is None else self[name]
        return driver_sentence(self, row, language=language)

    def to_frame(self) -> pd.DataFrame:
        """One row per driver; what was not computed is ``<NA>``."""
        import pandas as pd

        frame = pd.DataFrame([vars(row) for row in self.rows])
        numbers = [name for name in frame if name not in ("name", "members", "decision_changes")]
        return frame.astype({**dict.fromkeys(numbers, "Float64"), "decision_changes": "boolean"})

    def table(self, language: str = "en") -> pd.DataFrame:
        """Drivers as a dossier prints them, rounded and labelled."""
        from prioritering.report.tables.drivers import drivers_table

        return drivers_table(self, language=language)

    def plot(self, axes: Sequence[Axes] | None = None, *, language: str = "en") -> tuple[Axes, ...]:
        """Panels side by side: swing, EVPPI where computed, and Sobol indices."""
        from prioritering.report.figures.drivers import plot_drivers

        return plot_drivers(self, axes, language=language)

    def __repr__(self) -> str:
        names = ", ".join(row.name for row in self.rows[:3])
        return f"Drivers({len(self.rows)}: {names}{', ...' if len(self.rows) > 3 else ''})"


def drivers(
    model: Runs,
    *,
    params: Parameters,
    rules: Guideline | None = None,
    reference: str,
    option: str | None = None,
    wtp: float,
    seed: int,
    n_sobol: int = 1024,
    draws: Draws | None = None,
    outcomes: Outcomes | None = None,
    evppi: Mapping[str, ValueWithError] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    interval: float = 0.95,
    **run_options: Any,
) -> Drivers:
    """Rank the uncertain parameters by what they do to the choice of option or reference.

    Parameters that are not independent of each other count as one: the components of a joint
    parameter, and rank correlated parameters (named after the first of them, and "and" the
    others). ``groups`` joins more.

    Parameters
    ----------
    seed, n_sobol
        Of the two scrambled Sobol samples behind the indices; ``n_sobol`` is a power of two.
        The model runs both samples, and one mixture of them per driver, as one batch.
    draws, outcomes
        A probabilistic run of the same model; with both, the expected value of partial
        perfect information about the choice between the two strategies is computed.
    evppi
        That value computed elsewhere, by name of the driver, instead.
    groups
        Names of whole parameters that count as one driver.
    interval
        Share of each distribution between the ends of the one-way analysis.

    Other parameters are those of :func:`one_way`.

    Notes
    -----
    First-order indices are ``Var(E[b | x_i]) / Var(b)`` and total indices
    ``E[Var(b | x_-i)] / Var(b)`` of incremental net monetary benefit ``b``, by the estimators
    of Saltelli et al. (2010, Comput Phys Commun 181, table 2) through
    :func:`scipy.stats.sobol_indices`. Standard errors resample the points 200 times as if
    they were independent, which makes them upper bounds for Sobol points.

    Raises
    ------
    ParameterError
        Nothing uncertain, groups that overlap or cut through correlated parameters, or
        ``n_sobol`` that is not a power of two.
    UnknownNameError
        Names that do not exist, also in ``evppi``.
    ResultError
        Net benefit that does not vary, only one of ``draws`` and ``outcomes``, or as for
        :func:`one_way`.
    """
    limit = checked_wtp(wtp)
    question = Question(reference, option, limit)
    units = independent_units(params, groups or {})
    _check_size(n_sobol)
    _check_psa(draws, outcomes, evppi, units)
    tornado = one_way(
        model,
        params=params,
        rules=rules,
        reference=reference,
        option=option,
        wtp=limit,
        interval=interval,
        **run_options,
    )
    batch = run_batch(
        model,
        saltelli(params, units, n_sobol, seed=seed),
        (),
        question=question,
        rules=rules,
        options=run_options,
    )
    benefit = batch.nmb.reshape(len(units) + 2, n_sobol)
    indices = sobol(benefit[0], benefit[1], benefit[2:], seed=seed)
    values = dict(evppi or {})
    if draws is not None and outcomes is not None:
        values = _evppi(outcomes, draws, units, question)
    rows = [
        _driver(name, members, k, indices, values.get(name), tornado)
        for k, (name, members) in enumerate(units.items())
    ]
    return Drivers(
        reference=reference,
        option=batch.option,
        wtp=limit,
        rows=tuple(sorted(rows, key=_rank)),
        tornado=tornado,
        n_sobol=n_sobol,
        variance=float(benefit[:2].var()),
        provenance=batch.outcomes.provenance,
    )


def _evppi(
    outcomes: Outcomes,
    draws: Draws,
    units: Mapping[str, tuple[str, ...]],
    question: Question,
) -> dict[str, ValueWithError]:
    """Value of learning each unit, for the choice between the two strategies."""
    from prioritering.psa.information import evppi

    option = increments(outcomes, question).option
    both = [outcomes.index(s) for s in (question.reference, option)]
    pair = Outcomes.from_arrays(
        (question.reference, option),
        cost=outcomes.cost[both],
        qaly=outcomes.qaly[both],
        provenance=outcomes.provenance,
    )
    return {
        name: evppi(pair, draws, parameters=list(members), wtp=checked_wtp(question.wtp))  # type: ignore[arg-type]
        for name, members in units.items()
    }


def _driver(
    name: str,
    members: tuple[str, ...],
    k: int,
    indices: Indices,
    value: ValueWithError | None,
    tornado: OneWay,
) -> Driver:
    moved = [row for row in tornado.rows if row.name.partition(".")[0] in members]
    swings = [row.swing("nmb") for row in moved]
    return Driver(
        name=name,
        members=members,
        swing=max((s for s in swings if s is not None), default=None),
        decision_changes=any(row.decision_changes for row in moved) if moved else None,
        evppi=None if value is None else float(value.value),
        evppi_se=None if value is None or value.se is None else float(value.se),
        first_order=float(indices.first[k]),
        first_order_se=float(indices.first_se[k]),
        total_order=float(indices.total[k]),
        total_order_se=float(indices.total_se[k]),
    )


def _rank(row: Driver) -> tuple[float, float]:
    return -(row.evppi or 0.0), -row.total_order


def _check_size(n: object) -> None:
    if not isinstance(n, int) or isinstance(n, bool) or n < 16 or n & (n - 1):
        raise ParameterError(
            "n_sobol does not balance Sobol points",
            expected="a power of two, 16 or more",
            found=repr(n),
        )


def _check_psa(
    draws: Draws | None,
    outcomes: Outcomes | None,
    evppi: Mapping[str, ValueWithError] | None,
    units: Iterable[str],
) -> None:
    """Refuse half a probabilistic run, two sources of one value, and unknown names."""
    if (draws is None) != (outcomes is None) or (draws is not None and evppi is not None):
        raise ResultError(
            "it is not clear where the value of information comes from",
            expected="draws and outcomes of one run, or evppi, or none of them",
            found=", ".join(
                name
                for name, given in (("draws", draws), ("outcomes", outcomes), ("evppi", evppi))
                if given is not None
            ),
        )
    for name in evppi or ():
        if name not in units:
            raise unknown_name("driver", name, units)
