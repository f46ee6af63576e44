"""Exports of hesim."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from prioritering.errors import ResultError, unknown_name
from prioritering.frames import by_strategy_and_draw
from prioritering.outcomes import Outcomes
from prioritering.readers.files import digest, numbers, read_table
from prioritering.readers.imported import Imported, imported
from prioritering.readers.signs import AS_IS, Signs, check_signs

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


def read_hesim(
    *,
    costs: str | Path,
    qalys: str | Path,
    strategies: Mapping[int | str, str],
    rate: float,
    life_years: str | Path | None = None,
    group: int | str | None = None,
    signs: Signs = AS_IS,
) -> Imported:
    """Read the tables ``ce$costs`` and ``ce$qalys`` of hesim's ``summarize``.

    Long: a row per ``category`` (costs), discount rate ``dr``, ``sample``, ``strategy_id`` and
    group ``grp_id``. hesim discounts by ``exp(-dr t)``, so its totals differ from those of a
    yearly rate of the same number.

    Parameters
    ----------
    costs, qalys, life_years
        CSV files or workbooks; ``life_years`` is the table with the column ``lys``.
    strategies
        ``strategy_id`` -> name.
    rate
        The ``dr`` of the discounted totals; rows of rate 0 give the undiscounted ones.
    group
        The ``grp_id`` to read, where there are several.
    signs
        Which way the numbers point.

    Raises
    ------
    DataError, UnknownNameError, ResultError
        Files that are not such tables, rows by patient, a rate, group or strategy that is not
        there, two strategies of one name, rows that are missing or there twice, tables of
        other samples, or values that are not finite numbers.
    """
    signs = check_signs(signs)
    cost = _Table(costs, "costs", strategies, group)
    qaly = _Table(qalys, "qalys", strategies, group)
    lived = None if life_years is None else _Table(life_years, "lys", strategies, group)
    tables = [t for t in (cost, qaly, lived) if t is not None]
    zero = rate != 0 and all(0.0 in t.rates for t in tables)
    categories = cost.categories()

    def costs_at(dr: float) -> dict[str, Floats]:
        return {c: signs.spending(cost.at(dr, category=c)) for c in categories}

    outcomes = Outcomes.from_arrays(
        cost.names,
        cost=costs_at(rate),
        cost_undiscounted=costs_at(0.0) if zero else None,
        qaly=signs.gains(qaly.at(rate, like=cost)),
        qaly_undiscounted=signs.gains(qaly.at(0.0, like=cost)) if zero else None,
        life_years=None if lived is None else lived.at(rate, like=cost),
        life_years_undiscounted=lived.at(0.0, like=cost) if zero and lived else None,
    )
    note = f"hesim discounts continuously, by exp(-{rate:g} t)"
    files = digest(*(t.file for t in tables))
    return imported(outcomes, program="hesim", signs=signs, notes=(note,), files=files)


_KEYS = ("category", "dr", "sample", "strategy_id", "grp_id", "state_id")


def _check_names(strategies: Mapping[int | str, str]) -> None:
    names = list(strategies.values())
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ResultError(
            "strategies named twice", expected="a name for each", found=", ".join(map(repr, twice))
        )


class _Table:
    """One of hesim's long tables, of one group, with its strategies named."""

    def __init__(
        self,
        file: str | Path,
        value: str,
        strategies: Mapping[int | str, str],
        group: int | str | None,
    ) -> None:
        self.file, self.value, self.where = file, value, {"file": Path(file).name}
        frame = read_table(file)
        for column in ("dr", "sample", "strategy_id", value):
            if column not in frame.columns:
                raise unknown_name("column", column, frame.columns, where=self.where)
        frame = self._one_group(self._over_patients(frame), group)
        _check_names(strategies)
        known = sorted(set(frame["strategy_id"]), key=str)
        if not set(known) <= set(strategies):
            raise ResultError(
                "a strategy has no name",
                expected=f"a name for each of {known}",
                found=f"none for {[k for k in known if k not in strategies]}",
                where=self.where,
            )
        named = frame["strategy_id"].map(dict(strategies))
        self.frame = frame.assign(strategy=named)
        self.frame[value] = numbers(frame, value, file=file)
        self.names = tuple(dict.fromkeys(self.frame["strategy"]))
        self.rates = sorted(set(self.frame["dr"]))

    def at(self, dr: float, *, category: str | None = None, like: _Table | None = None) -> Floats:
        """Sum over states at one discount rate, shape (strategy, sample)."""
        if dr not in self.rates:
            raise ResultError(
                f"no {self.value} discounted at {dr:g}",
                expected=f"dr among {self.rates}",
                found=dr,
                where=self.where,
            )
        chosen = self.frame[self.frame["dr"] == dr]
        if category is not None:
            chosen = chosen[chosen["category"] == category]
        self._check_rows(chosen)
        keys = ["strategy", "sample"]
        summed = chosen.groupby(keys, sort=False)[self.value].sum().reset_index()
        names, samples, found = by_strategy_and_draw(
            summed, [self.value], strategy="strategy", draw="sample", where=self.where
        )
        if like is not None and samples != like.samples:
            raise ResultError(
                f"{self.value} are of other samples than the costs",
                expected=f"the {len(like.samples)} samples of the costs",
                found=f"{len(samples)} samples from {samples[0]} to {samples[-1]}",
                where=self.where,
            )
        wanted = self.names if like is None else like.names
        if set(names) != set(wanted):
            raise ResultError(
                f"{self.value} are of other strategies than the costs",
                expected=", ".join(map(repr, wanted)),
                found=", ".join(map(repr, names)),
                where=self.where,
            )
        return found[self.value][[names.index(name) for name in wanted]]

    @property
    def samples(self) -> tuple[Any, ...]:
        """Samples, in rising order."""
        return tuple(sorted(set(self.frame["sample"])))

    def _check_rows(self, rows: pd.DataFrame) -> None:
        """Refuse rows that are there twice, or a strategy and sample with fewer than others."""
        keys = [k for k in _KEYS if k in rows.columns]
        twice = int(rows.duplicated(keys).sum())
        sizes = rows.groupby(["strategy_id", "sample"]).size()
        if twice or sizes.min() < sizes.max():
            raise ResultError(
                f"rows of {self.value} cannot be summed",
                expected="one row per " + ", ".join(keys),
                found=f"{twice} there twice"
                if twice
                else f"{sizes.min()} to {sizes.max()} rows per strategy and sample",
                where=self.where,
            )

    def categories(self) -> list[str]:
        """Cost categories; the sum over them is left out where its parts are there."""
        if "category" not in self.frame.columns:
            raise unknown_name("column", "category", self.frame.columns, where=self.where)
        found = list(dict.fromkeys(self.frame["category"]))
        return [c for c in found if c != "total"] or found

    def _over_patients(self, frame: pd.DataFrame) -> pd.DataFrame:
        patients = frame["patient_id"].nunique() if "patient_id" in frame.columns else 1
        if patients > 1:
            raise ResultError(
                "rows by patient need weights that the file does not hold",
                expected="the tables of summarize(), averaged over patients",
                found=f"{patients} patients",
                where=self.where,
            )
        return frame

    def _one_group(self, frame: pd.DataFrame, group: int | str | None) -> pd.DataFrame:
        if "grp_id" not in frame.columns:
            return frame
        groups = sorted(set(frame["grp_id"]))
        if group is None and len(groups) > 1:
            raise ResultError(
                "several groups",
                expected=f"group=, one of {groups}",
                found="none named",
                where=self.where,
            )
        if group is not None and group not in groups:
            raise unknown_name("group", group, map(str, groups), where=self.where)
        return frame if group is None else frame[frame["grp_id"] == group]
