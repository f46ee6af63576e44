"""Which way the numbers of another program point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from prioritering.errors import ResultError, unknown_name

Floats = NDArray[np.float64]

Effects = Literal["gains", "losses"]
Costs = Literal["spending", "savings"]


@dataclass(frozen=True)
class Signs:
    """Sign conventions of the numbers read.

    Attributes
    ----------
    effects
        ``"gains"``: more is better, such as QALYs. ``"losses"``: less is better, such as
        DALYs; they are turned round. Life years are years lived and stay as they are.
    costs
        ``"spending"``: more is dearer. ``"savings"``: more is cheaper; they are turned round.

    Examples
    --------
    >>> print(Signs())
    effects are gains (more is better), costs are spending (more is dearer)
    """

    effects: Effects = "gains"
    costs: Costs = "spending"

    def __post_init__(self) -> None:
        for name, kinds in (("effects", get_args(Effects)), ("costs", get_args(Costs))):
            if getattr(self, name) not in kinds:
                raise unknown_name(f"sign convention of {name}", getattr(self, name), kinds)

    def gains(self, effect: Floats) -> Floats:
        """Effects with more meaning better."""
        return effect if self.effects == "gains" else -effect

    def spending(self, cost: Floats) -> Floats:
        """Costs with more meaning dearer."""
        return cost if self.costs == "spending" else -cost

    def __str__(self) -> str:
        effects = "more is better" if self.effects == "gains" else "less is better; turned round"
        costs = "more is dearer" if self.costs == "spending" else "more is cheaper; turned round"
        return f"effects are {self.effects} ({effects}), costs are {self.costs} ({costs})"


AS_IS = Signs()
"""Effects are gains and costs are spending, as in this package."""


def check_signs(signs: object) -> Signs:
    """Refuse what is not a statement of signs."""
    if not isinstance(signs, Signs):
        raise ResultError(
            "signs are not stated",
            expected="Signs(effects=..., costs=...)",
            found=repr(signs),
        )
    return signs
