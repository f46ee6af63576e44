"""Parameters as a long table of raw numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.parameters.parameter import Parameter

INTERVAL = (0.025, 0.975)

_COLUMNS = (
    "name", "value", "mean", "sd", "low", "high", "unit", "distribution",
    "price_year", "source", "assumption", "description", "conversions",
)  # fmt: skip


def parameters_frame(parameters: Mapping[str, Parameter]) -> pd.DataFrame:
    """One row per parameter, or per component of a joint one."""
    import pandas as pd

    rows = [row for name, parameter in parameters.items() for row in _rows(name, parameter)]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    return frame.astype({"price_year": "Int64", "assumption": bool})


def _rows(name: str, parameter: Parameter) -> Iterator[dict[str, Any]]:
    value, family = parameter.value, parameter.distribution.family
    notes = [
        f"{c.from_year} to {c.to_year} by {c.factor:.6g} ({c.index})" for c in parameter.conversions
    ]
    for part, marginal in parameter.distribution.marginals().items():
        low, high = marginal.ppf(INTERVAL)
        yield {
            "name": f"{name}.{part}" if part else name,
            "value": value[part] if isinstance(value, dict) else value,
            "mean": marginal.mean,
            "sd": marginal.sd,
            "low": low,
            "high": high,
            "unit": parameter.unit,
            "distribution": f"{family}: {marginal.describe()}" if part else marginal.describe(),
            "price_year": parameter.price_year,
            "source": parameter.source,
            "assumption": parameter.assumption,
            "description": parameter.description,
            "conversions": "; ".join(notes),
        }
