"""The decision's figure as a picture inside the page."""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING, Any, cast

from prioritering.report.figures import plot_decision
from prioritering.report.figures._canvas import STYLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from prioritering.decision import Decision

SIZE = (5.0, 2.75)
"""Inches; about what it is printed at."""

_SALT = {"svg.hashsalt": "prioritering", "svg.fonttype": "path"}


def decision_svg(decision: Decision, *, language: str) -> str:
    """Return the figure as an SVG element, letters as paths, the same for the same decision."""
    import matplotlib as mpl

    with mpl.rc_context(cast(Any, {**STYLE, **_SALT})):
        out = StringIO()
        metadata = {"Date": None, "Creator": None}
        decision_figure(decision, language=language).savefig(out, format="svg", metadata=metadata)
    text = out.getvalue()
    return re.sub(r"\s*<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)


def decision_figure(decision: Decision, *, language: str) -> Figure:
    """Draw the figure without its small print: the page holds the same."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.add_subplot()
    plot_decision(decision, axes, language=language, small_print=False)
    return figure
