"""Outcomes that another program computed, with the parameters it drew and what was checked."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from prioritering.errors import ResultError, unknown_name
from prioritering.outcomes import Outcomes
from prioritering.parameters import Draws
from prioritering.readers.signs import Signs

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Imported:
    """Outcomes read from another program's files.

    Attributes
    ----------
    outcomes
        Costs as spending and effects as gains, of shape (strategy, draw).
    draws
        Parameters behind them, in the same order of draws; ``None`` where no file held them.
    program
        Where the numbers come from.
    signs
        Which way the numbers pointed in the files.
    checked
        What was held against the other program's own figures; empty when nothing was.
    notes
        What a reader of the numbers should know.
    """

    outcomes: Outcomes
    draws: Draws | None
    program: str
    signs: Signs
    checked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def confirm(
        self,
        *,
        best: str | None = None,
        wtp: float | None = None,
        reference: str | None = None,
        option: str | None = None,
        icer: float | None = None,
        rtol: float = 1e-4,
    ) -> Imported:
        """Hold the numbers against a figure the other program printed.

        Two programs have reversed a decision on the same draws through their signs alone. One
        figure is enough to show that it did not happen here.

        Parameters
        ----------
        best, wtp
            The strategy the other program prefers at a willingness to pay per unit of effect.
        reference, option, icer
            Its ratio of mean incremental cost to mean incremental effect of ``option``.
        rtol
            How far the ratio may be off, as a share of it: what its printed digits leave open.

        Returns
        -------
        Imported
            The same with ``checked`` longer.

        Raises
        ------
        ResultError
            Nothing to check, or a figure that differs, with what most likely happened.
        UnknownNameError
            A strategy that does not exist.
        """
        _check_number("wtp", wtp)
        _check_number("icer", icer)
        found = (
            *(() if best is None else (self._confirm_best(best, wtp),)),
            *(() if icer is None else (self._confirm_icer(icer, reference, option, rtol),)),
        )
        if not found:
            raise ResultError(
                "nothing to hold the numbers against",
                expected="best and wtp, or reference, option and icer",
                found="neither",
            )
        checked = (*self.checked, *found)
        origin = {**self.outcomes.provenance, "checked": checked}
        return replace(self, checked=checked, outcomes=replace(self.outcomes, provenance=origin))

    def table(self, language: str = "en") -> pd.DataFrame:
        """Means by strategy, with signs, checks and notes below."""
        from prioritering.report.tables.imported import imported_table

        return imported_table(self, language=language)

    def __repr__(self) -> str:
        checked = "; ".join(self.checked) or "not held against the program's own figures"
        return f"Imported({self.program}: {self.outcomes!r}; {self.signs}; {checked})"

    def _repr_html_(self) -> str:
        from prioritering.report.html import frame_html

        return frame_html(self.table(), caption=self.program)

    def _confirm_best(self, best: str, wtp: float | None) -> str:
        out = self.outcomes
        row = out.index(best)
        if wtp is None or wtp < 0:
            raise ResultError(
                "no limit at which a strategy is best",
                expected="wtp, finite and 0 or more",
                found=wtp,
            )
        benefit = (wtp * out.qaly - out.cost).mean(axis=1)
        ours = int(benefit.argmax())
        if benefit[row] != benefit[ours]:
            raise ResultError(
                f"another strategy is best at {wtp:g} than in {self.program}",
                expected=repr(best),
                found=repr(out.strategies[ours]),
                remedy=_REMEDY,
            )
        return f"{best} is best at {wtp:g}, as in {self.program}"

    def _confirm_icer(
        self, icer: float, reference: str | None, option: str | None, rtol: float
    ) -> str:
        out = self.outcomes
        if reference is None or option is None:
            raise ResultError(
                "an ICER of no pair of strategies",
                expected="reference and option",
                found=f"{reference!r} and {option!r}",
            )
        if reference == option:
            raise unknown_name("option", option, [s for s in out.strategies if s != reference])
        old, new = out.index(reference), out.index(option)
        cost = float((out.cost[new] - out.cost[old]).mean())
        effect = float((out.qaly[new] - out.qaly[old]).mean())
        ours = cost / effect if effect else math.inf
        if not math.isclose(ours, icer, rel_tol=rtol):
            turned = math.isclose(ours, -icer, rel_tol=rtol)
            raise ResultError(
                f"the ICER of {option!r} against {reference!r} is not that of {self.program}",
                expected=f"{icer:.10g}",
                found=f"{ours:.10g}" + (": the same with the sign turned" if turned else ""),
                remedy=_REMEDY,
            )
        return f"ICER of {option} against {reference} is {icer:.10g}, as in {self.program}"


_REMEDY = (
    "Check the order of the strategies, Signs(effects=..., costs=...), and which is the reference."
)


def _check_number(name: str, value: object) -> None:
    if value is None:
        return
    good = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not good or not math.isfinite(value):  # type: ignore[arg-type]
        raise ResultError(f"{name} is no figure", expected="a finite number", found=repr(value))


def imported(
    outcomes: Outcomes,
    *,
    program: str,
    signs: Signs,
    draws: Draws | None = None,
    notes: tuple[str, ...] = (),
    files: dict[str, str],
) -> Imported:
    """Put together what a reader found, with its origin in the provenance."""
    if draws is not None and draws.n_draws != outcomes.n_draws:
        raise ResultError(
            "draws and outcomes are of unequal length",
            expected=f"{outcomes.n_draws} draws of the parameters, as of the outcomes",
            found=draws.n_draws,
        )
    origin: dict[str, Any] = {
        "source": f"read from {program}",
        "signs": str(signs),
        "files": files,
        "checked": (),
    }
    return Imported(
        outcomes=replace(outcomes, provenance=origin),
        draws=draws,
        program=program,
        signs=signs,
        notes=notes,
    )
