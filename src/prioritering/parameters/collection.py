"""The parameters of a model, in one ordered collection."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from prioritering.errors import ParameterError, unknown_name
from prioritering.parameters._checks import Floats, check_name, whole
from prioritering.parameters.components import Components, read_only
from prioritering.parameters.constructors import fixed
from prioritering.parameters.correlation import Pair, RankCorrelation, check_correlated
from prioritering.parameters.draws import RESERVED, Draws
from prioritering.parameters.parameter import EARLIEST_YEAR, Parameter, price_factor
from prioritering.parameters.sampling import Method, draw_all
from prioritering.shown import Shown

if TYPE_CHECKING:
    import pandas as pd


class Parameters(Mapping[str, Parameter], Shown):
    """Named parameters, in the order given.

    Parameters
    ----------
    parameters
        A mapping of names to parameters; or name them as keywords. Parameters keep their
        rank correlations; a plain mapping has none.
    **named
        Parameters by name. A bare number is short for :func:`fixed`.

    Raises
    ------
    ParameterError
        A name that cannot be written ``p.name`` in a model, that Draws uses itself, or that
        is given twice; a value that is neither a parameter nor a number.

    Notes
    -----
    Each parameter draws from its own stream, set by the seed and its name: adding, removing
    or reordering parameters leaves the draws of the others as they were, and the first 1 000
    of 10 000 random draws are the 1 000 draws.

    Examples
    --------
    >>> from prioritering.parameters import gamma
    >>> params = Parameters(rate=gamma(mean=0.21, se=0.03), discount=0.04)
    >>> params.expected().rate
    array([0.21])
    >>> params.sample(1000, seed=1)
    Draws(2 parameters x 1000 draws, random, seed 1)
    """

    __slots__ = ("_correlation", "_parameters")

    _parameters: dict[str, Parameter]
    _correlation: RankCorrelation

    def __init__(
        self,
        parameters: Mapping[str, Parameter | float] | None = None,
        /,
        **named: Parameter | float,
    ) -> None:
        twice = set(parameters or {}) & set(named)
        if twice:
            raise ParameterError(
                "parameter given twice",
                expected="each name once",
                found=", ".join(map(repr, sorted(twice))),
            )
        both = {**(parameters or {}), **named}
        checked = {check_name(k, reserved=RESERVED): _parameter(k, v) for k, v in both.items()}
        object.__setattr__(self, "_parameters", checked)
        kept = parameters._correlation if isinstance(parameters, Parameters) else None
        object.__setattr__(self, "_correlation", kept or RankCorrelation({}))

    @property
    def correlations(self) -> Mapping[Pair, float]:
        """Spearman's rank correlation of each pair that has one, read-only."""
        return self._correlation.pairs

    @property
    def names(self) -> tuple[str, ...]:
        """Parameters, in order."""
        return tuple(self._parameters)

    @property
    def fingerprint(self) -> str:
        """Hash of everything that defines the parameters, whatever their order.

        The same in every process and on every machine.
        """
        content: dict[str, Any] = {name: self[name].canonical() for name in sorted(self)}
        if self.correlations:
            content["rank correlation"] = self._correlation.canonical()
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=_plain)
        return blake2b(text.encode(), digest_size=16).hexdigest()

    def expected(self) -> Draws:
        """Return the base case: one draw holding every parameter's value.

        Raises
        ------
        ParameterError
            Amounts in the prices of different years, as :meth:`check_price_years`.
        """
        self.check_price_years()
        values = {}
        for name, parameter in self.items():
            value = parameter.value
            parts = list(value.values()) if isinstance(value, dict) else value
            values[name] = np.array(parts, dtype=np.float64)[..., None]
        return self._draws(values, 1, seed=None, method="expected")

    def sample(self, n: int, *, seed: int, method: Method = "random") -> Draws:
        """Draw every parameter ``n`` times.

        Parameters
        ----------
        n
            Number of draws.
        seed
            Integer of 0 or more; the same seed gives the same draws.
        method
            ``"random"``: independent draws. ``"sobol"``: scrambled Sobol points (Owen 1998)
            pushed through the quantile functions; n should be a power of two.
            ``"latin_hypercube"``: McKay, Beckman and Conover (1979). With the last two,
            dimensions follow the sorted names, so another set of parameters changes the draws,
            and the draws are not independent of each other.

        With :meth:`correlated` parameters each method first makes independent normals and then
        mixes them; the other parameters' draws are as without the correlation.

        Raises
        ------
        ParameterError
            A number of draws below 1, a seed below 0 or missing, an unknown method, amounts in
            the prices of different years, or a distribution so wide that a draw is not finite.

        Warns
        -----
        PrioriteringWarning
            Sobol points whose number is not a power of two.
        """
        n, seed = whole("number of draws", n, at_least=1), whole("seed", seed, at_least=0)
        self.check_price_years()
        distributions = {name: p.distribution for name, p in self.items()}
        drawn = draw_all(distributions, n, seed=seed, method=method, correlation=self._correlation)
        for name, array in drawn.items():
            _refuse_overflow(name, array, self[name])
        return self._draws(drawn, n, seed=seed, method=method)

    def correlated(self, correlations: Mapping[Pair, float]) -> Parameters:
        """Return a copy in which pairs of parameters are rank correlated.

        :meth:`sample` then imposes Spearman's correlation by a Gaussian copula, for every
        method; each parameter's own distribution and the base case stay as they are. A pair
        that is not named, here or before, has correlation 0.

        Parameters
        ----------
        correlations
            Rank correlation by pair of names, above -1 and below 1.

        Raises
        ------
        UnknownNameError
            A name that is not among the parameters.
        ParameterError
            A fixed or joint parameter, an empirical one with many equal values, a pair named
            twice, a correlation outside (-1, 1), or correlations that contradict each other
            (a matrix that is not positive semidefinite is refused, never adjusted).

        Examples
        --------
        >>> from prioritering.parameters import beta
        >>> params = Parameters(u_a=beta(mean=0.8, se=0.05), u_b=beta(mean=0.6, se=0.05))
        >>> both = params.correlated({("u_a", "u_b"): 0.6}).sample(4000, seed=1)
        >>> ranks = [both[name].argsort().argsort() for name in both]
        >>> round(float(np.corrcoef(ranks)[0, 1]), 1)
        0.6
        """
        return self._with(self._parameters, self._correlation.joined(correlations))

    def replace(self, **changes: Parameter | float) -> Parameters:
        """Return a copy with other parameters under the same names.

        Raises
        ------
        UnknownNameError
            A name that is not among the parameters.
        ParameterError
            A fixed or joint parameter in the place of one that is correlated.
        """
        for name in changes:
            self[name]
        return self._with({**self, **changes}, self._correlation)

    def price_years(self) -> dict[str, int]:
        """Price year of every parameter that is money."""
        return {k: p.price_year for k, p in self.items() if p.price_year is not None}

    def check_price_years(self) -> None:
        """Refuse amounts in the prices of different years.

        Raises
        ------
        ParameterError
            More than one price year; names the parameters of each.
        """
        by_year: dict[int, list[str]] = {}
        for name, year in self.price_years().items():
            by_year.setdefault(year, []).append(name)
        if len(by_year) > 1:
            raise ParameterError(
                "prices are of different years",
                expected="one price year",
                found="; ".join(f"{year}: {', '.join(by_year[year])}" for year in sorted(by_year)),
                remedy=f"Convert them: params.at_price_year({max(by_year)}, index).",
            )

    def at_price_year(self, year: int, index: Any) -> Parameters:
        """Return a copy with every amount of money in the prices of one year.

        Distribution, base-case value and price year are converted, and the conversion is kept
        with the parameter; what has no price year, or that year already, is unchanged.

        Parameters
        ----------
        year
            Price year wanted.
        index
            Object with ``factor(from_year=, to_year=)``: what to multiply by. Its ``name``, if
            it has one, is kept with each conversion.

        Raises
        ------
        ParameterError
            A factor that is not a positive number. Errors of the index pass through.
        """
        whole("price year", year, at_least=EARLIEST_YEAR)
        converted = dict(self)
        for name, old in self.price_years().items():
            if old != year:
                conversion = price_factor(index, from_year=old, to_year=int(year))
                converted[name] = self[name].converted(conversion)
        return self._with(converted, self._correlation)

    def to_frame(self) -> pd.DataFrame:
        """One row per parameter, or per component of a joint one.

        Columns: name, value (base case), mean, sd, low and high (central 95 % of the
        distribution), unit, distribution, price_year, source, assumption, description,
        conversions.
        """
        from prioritering.parameters.frame import parameters_frame

        return parameters_frame(self)

    def table(self, language: str = "en") -> pd.DataFrame:
        """Parameters as a dossier prints them, rounded and labelled."""
        from prioritering.report.tables import parameters_table

        return parameters_table(self, language=language)

    def __getitem__(self, name: str) -> Parameter:
        try:
            return self._parameters[name]
        except KeyError:
            raise unknown_name("parameter", name, self._parameters) from None

    def __setattr__(self, name: str, value: object) -> None:
        raise read_only("Parameters", name, remedy=f"params.replace({name}=...) returns a copy.")

    def __contains__(self, name: object) -> bool:
        return name in self._parameters

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def __repr__(self) -> str:
        assumed = sum(p.assumption for p in self.values())
        note = f"; {assumed} assumed" if assumed else ""
        if self.correlations:
            note += f"; {len(self.correlations)} correlated"
        return f"Parameters({len(self)}: {', '.join(self)}{note})"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Parameters) and self.correlations != other.correlations:
            return False
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Callable[..., Parameters], tuple[Any, ...]]:
        return _rebuild, (self._parameters, dict(self.correlations))

    @staticmethod
    def _with(
        parameters: Mapping[str, Parameter | float], correlation: RankCorrelation
    ) -> Parameters:
        made = Parameters(dict(parameters))
        check_correlated(correlation, made)
        object.__setattr__(made, "_correlation", correlation)
        return made

    def _draws(
        self, arrays: Mapping[str, Floats], n: int, *, seed: int | None, method: str
    ) -> Draws:
        values = {
            name: Components(self[name].components, array) if array.ndim == 2 else array
            for name, array in arrays.items()
        }
        origin: dict[str, Any] = {
            "seed": seed,
            "method": method,
            "parameters": self.fingerprint,
            "assumptions": [name for name, parameter in self.items() if parameter.assumption],
            "numpy": np.__version__,
        }
        if self.correlations:
            origin["rank_correlation"] = self._correlation.canonical()
        return Draws(values, n, origin)


def _rebuild(parameters: dict[str, Parameter], correlations: dict[Pair, float]) -> Parameters:
    return Parameters._with(parameters, RankCorrelation(correlations))


def _parameter(name: str, value: Parameter | float) -> Parameter:
    if isinstance(value, Parameter):
        return value
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        return fixed(float(value))
    raise ParameterError(
        f"{name} is not a parameter",
        expected="a parameter such as gamma(mean=..., se=...), or a number",
        found=repr(value),
    )


def _refuse_overflow(name: str, array: Floats, parameter: Parameter) -> None:
    bad = ~np.isfinite(array)
    if bad.any():
        raise ParameterError(
            f"draws of {name} are not finite",
            expected="a distribution whose draws a float can hold",
            found=f"{int(bad.sum())} of {array.size} from {parameter.distribution.describe()}",
            where={"draw": int(np.flatnonzero(bad.any(axis=0) if bad.ndim == 2 else bad)[0])},
        )


def _plain(value: Any) -> Any:
    """Arrays as a hash of their shape and little-endian bytes, for JSON."""
    digest = blake2b(value.astype("<f8").tobytes(), digest_size=16)
    return {"shape": list(value.shape), "blake2b": digest.hexdigest()}
