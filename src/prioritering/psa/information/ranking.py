"""Which parameters are most worth knowing better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prioritering.errors import ResultError
from prioritering.frozen import Frozen
from prioritering.psa.information.columns import Names, Table, columns_by_name, expand, varying
from prioritering.psa.information.partial import Evppi, evppi
from prioritering.psa.information.perfect import Evpi, evpi
from prioritering.psa.information.regression import Method
from prioritering.psa.inputs import CostEffect, chosen_limit
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False, eq=False)
class EvppiRanking(Frozen, Shown):
    """EVPPI of parameters and groups, the largest first.

    Attributes
    ----------
    items
        By name of parameter or group, by falling value at ``ranked_at``.
    ranked_at
        The limit that the order, the table and the bars are for.
    wtp
        Willingness to pay per QALY, shape () or (limit,).
    evpi
        Expected value of perfect information about everything, per patient.
    """

    items: Mapping[str, Evppi]
    ranked_at: float
    wtp: Floats
    evpi: Evpi

    @property
    def position(self) -> int:
        """Place of ``ranked_at`` among the limits."""
        return int(np.flatnonzero(np.atleast_1d(self.wtp) == self.ranked_at)[0])

    def to_frame(self) -> pd.DataFrame:
        """Long table: name, wtp, evppi, evppi_se, bias, share_of_evpi, method."""
        import pandas as pd

        frames = []
        for name, item in self.items.items():
            frame = item.to_frame()
            frame.insert(0, "name", name)
            whole = frame.pop("evpi").to_numpy()
            share = np.full_like(whole, np.nan)
            np.divide(frame["evppi"].to_numpy(), whole, out=share, where=whole > 0)
            frames.append(frame.assign(share_of_evpi=share, method=item.method))
        return pd.concat(frames, ignore_index=True)

    def table(self, language: str = "en", *, currency: str | None = None) -> pd.DataFrame:
        """Parameters and groups in order at ``ranked_at``, rounded and labelled."""
        from prioritering.report.tables.information import ranking_table

        return ranking_table(self, language=language, currency=currency)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        most: int = 15,
        language: str = "en",
        currency: str | None = None,
    ) -> Axes:
        """Bars of the ``most`` largest at ``ranked_at``, with standard errors."""
        from prioritering.report.figures.information import plot_ranking

        return plot_ranking(self, ax, most=most, language=language, currency=currency)

    def plot_limits(
        self,
        ax: Axes | None = None,
        *,
        most: int = 5,
        language: str = "en",
        currency: str | None = None,
    ) -> Axes:
        """Lines of the ``most`` largest over willingness to pay; needs two limits or more."""
        from prioritering.report.figures.information import plot_ranking_limits

        return plot_ranking_limits(self, ax, most=most, language=language, currency=currency)

    def __repr__(self) -> str:
        return f"EvppiRanking({len(self.items)} parameters and groups)"


def evppi_all(
    outcomes: CostEffect,
    draws: Table,
    *,
    wtp: ArrayLike,
    parameters: Names | None = None,
    groups: Mapping[str, Names] | None = None,
    rank_at: float | None = None,
    method: Method = "auto",
    seed: int = 1,
) -> EvppiRanking:
    """EVPPI of every parameter and group, ranked.

    Parameters
    ----------
    outcomes, draws, wtp, method, seed
        As for :func:`evppi`.
    parameters
        Parameters to value one at a time; by default every column that varies. A joint
        parameter is valued whole.
    groups
        Parameters to value together, by the name of the group.
    rank_at
        The limit of ``wtp`` to rank by; needed where there are several, since the order differs
        between them.

    Raises
    ------
    ResultError
        Nothing to value, no limit to rank by, a group with the name of a parameter or one
        naming a parameter twice, or as for :func:`evppi`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, y = rng.normal(size=(2, 2000))
    >>> pair = np.stack([0 * x, -2 * x - y]), np.zeros((2, 2000))
    >>> found = evppi_all(pair, {"x": x, "y": y}, wtp=0, groups={"both": ["x", "y"]})
    >>> list(found.items)
    ['both', 'x', 'y']
    """
    limit = chosen_limit(wtp, rank_at, "rank_at")
    given = (parameters,) if isinstance(parameters, str) else parameters
    alone = varying(draws) if given is None else tuple(given)
    asked: dict[str, Names] = {name: name for name in alone}
    clash = sorted(set(asked) & set(groups or {}))
    if clash or len(asked) < len(alone):
        raise ResultError(
            "a name stands for two things",
            expected="each parameter and group under a name of its own",
            found=", ".join(map(repr, clash or alone)),
        )
    asked |= dict(groups or {})
    if not asked:
        raise ResultError(
            "no parameter varies, so there is nothing to rank",
            expected="draws of one uncertain parameter or more",
            found=f"{len(columns_by_name(draws))} constant columns",
        )
    for names in asked.values():
        expand(columns_by_name(draws), names)
    found = {
        name: evppi(outcomes, draws, parameters=names, wtp=wtp, method=method, seed=seed)
        for name, names in asked.items()
    }
    perfect = evpi(outcomes, wtp=wtp)
    place = int(np.flatnonzero(np.atleast_1d(perfect.wtp) == limit)[0])
    ranked = sorted(found, key=lambda name: -float(found[name].value.flat[place]))
    return EvppiRanking({name: found[name] for name in ranked}, limit, perfect.wtp, perfect)
