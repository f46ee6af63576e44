"""Table and figure reached from the result."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from prioritering.decision import assess


@pytest.mark.parametrize("gain", [0.8, 0.0])
def test_table_and_figure(increments, severity_of, rules, gain):
    """With a gain the figure is on cost per QALY, without one on net benefit."""
    rng = np.random.default_rng(2)
    outcomes = increments(rng.normal(2e5, 5e4, 400), gain + rng.normal(0, 0.1, 400))
    found = assess(outcomes, severity_of(), rules, reference="standard")
    for language in ("en", "no"):
        assert found.reading.in_language(language) in found.table(language).to_string()
        ax = Figure().subplots()
        assert found.plot(ax=ax, language=language) is ax
        assert ax.has_data()
    assert found._repr_html_().count("<table") == 1
