"""Sets of uncertain parameters that are independent of each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from prioritering.errors import ParameterError, unknown_name
from prioritering.parameters import Parameters
from prioritering.parameters.correlation import RankCorrelation


def independent_units(
    params: Parameters, groups: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Uncertain parameters in sets that are independent of each other, by name.

    Raises
    ------
    ParameterError
        Nothing uncertain, or groups that overlap or cut through correlated parameters.
    UnknownNameError
        A parameter in a group that does not exist.
    """
    uncertain = [name for name, p in params.items() if p.distribution.dimensions]
    blocks = _blocks(params, uncertain)
    taken: dict[str, str] = {}
    found: dict[str, tuple[str, ...]] = {}
    for group, given in groups.items():
        found[group] = _group(group, given, params, uncertain, taken)
        taken |= dict.fromkeys(found[group], group)
    for block in blocks:
        owners = {taken.get(name) for name in block}
        if len(owners) > 1:
            raise ParameterError(
                "a group cuts through correlated parameters",
                expected="all of " + ", ".join(block) + " in one group",
                found=", ".join(f"{n} in {taken.get(n, 'no group')}" for n in block),
            )
        if owners == {None}:
            found[" and ".join(block)] = block
    if not found:
        raise ParameterError(
            "nothing is uncertain", expected="at least one parameter with a distribution",
            found=f"{len(params)} fixed parameters",
        )  # fmt: skip
    return found


def _blocks(params: Parameters, uncertain: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Connect parameters through their rank correlations; most are alone."""
    blocks = RankCorrelation(params.correlations).blocks
    of = {name: block for block in blocks for name in block}
    seen: set[str] = set()
    for name in uncertain:
        block = of.get(name, (name,))
        if not seen & set(block):
            seen |= set(block)
            yield block


def _group(
    group: str,
    members: Sequence[str],
    params: Parameters,
    uncertain: Sequence[str],
    taken: Mapping[str, str],
) -> tuple[str, ...]:
    listed = isinstance(members, Sequence) and not isinstance(members, str)
    for name in members if listed else ():
        if name not in params:
            raise unknown_name("parameter", name, params, where={"group": repr(group)})
    bad = [name for name in members if name in taken or name not in uncertain] if listed else []
    if not listed or not members or group in params or bad:
        raise ParameterError(
            f"group {group!r} does not hold together",
            expected="a new name, and uncertain parameters of which none is in another group",
            found=", ".join(bad) or repr(members),
        )
    return tuple(dict.fromkeys(members))
