"""Results that show themselves in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pandas as pd


class _Tabulated(Protocol):
    def table(self) -> pd.DataFrame: ...


class Shown:
    """Base of a result that a notebook shows as its own table, headed by its ``repr``.

    Examples
    --------
    >>> import pandas as pd
    >>> class Total(Shown):
    ...     def table(self, language="en"):
    ...         return pd.DataFrame({"cost": ["1"]})
    ...
    ...     def __repr__(self):
    ...         return "Total of a < b"
    >>> "Total of a &lt; b" in Total()._repr_html_()
    True
    """

    __slots__ = ()

    def _repr_html_(self: _Tabulated) -> str:
        from prioritering.report.html import frame_html

        return frame_html(self.table(), caption=repr(self))
