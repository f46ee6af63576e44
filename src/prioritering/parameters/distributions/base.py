"""What every distribution can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import fields
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from prioritering.errors import ParameterError
from prioritering.parameters._checks import Floats


class Distribution(ABC):
    """One uncertain number.

    Attributes
    ----------
    family
        Name of the family, as in a dossier's table.
    is_share
        Whether draws are confined to [0, 1], so that they cannot be money.
    components
        Names of the parts of a joint distribution; empty for a single number.
    dimensions
        How many uniform numbers one draw takes in :meth:`ppf`.
    """

    family: ClassVar[str]
    is_share: ClassVar[bool] = False

    @property
    def components(self) -> tuple[str, ...]:
        """Names of the components; empty, since this is one number."""
        return ()

    @property
    def dimensions(self) -> int:
        """Number of uniforms behind one draw."""
        return 1

    @property
    @abstractmethod
    def mean(self) -> Any:
        """Expected value: a float, or a dict over the components."""

    @property
    @abstractmethod
    def sd(self) -> Any:
        """Standard deviation: a float, or a dict over the components."""

    @abstractmethod
    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw ``n`` values: shape (n,), or (component, n) for a joint distribution.

        The first ``m`` draws of ``sample(n, rng)`` equal ``sample(m, rng)`` bit for bit when
        ``rng`` starts from the same state.
        """

    @abstractmethod
    def ppf(self, u: ArrayLike) -> Floats:
        """Turn uniforms into draws by the inverse of the cumulative distribution.

        Parameters
        ----------
        u
            Probabilities in [0, 1]: any shape for one number, (dimensions, n) for a joint
            distribution, which returns (component, n).
        """

    @abstractmethod
    def contains(self, value: Floats) -> bool:
        """Whether a base-case value, shape (1,) or (component,), is possible."""

    def describe(self) -> str:
        """Family and parameters in one line, six significant digits."""
        shown = ", ".join(f"{f.name} {getattr(self, f.name):.6g}" for f in fields(self))  # type: ignore[arg-type]
        return f"{self.family}({shown})"

    def scaled(self, factor: float) -> Self:
        """Distribution of ``factor`` times the number; used to convert prices.

        Raises
        ------
        ParameterError
            The distribution is of a share, which stays in [0, 1].
        """
        raise ParameterError(
            f"a {self.family} distribution cannot be multiplied",
            expected="a distribution of an amount",
            found=f"{self.describe()}, factor {factor:g}",
        )

    def marginals(self) -> dict[str, Distribution]:
        """Distribution of each component alone; the key is empty for a single number."""
        return {"": self}
