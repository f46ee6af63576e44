"""Tables and figures reached from the result."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from prioritering.cea import compare


@pytest.fixture
def cea(run):
    rng = np.random.default_rng(6)
    cost, qaly = rng.normal(1e5, 1e4, (3, 200)), rng.normal(8, 0.3, (3, 200))
    cost += np.array([[0], [1e5], [3e5]])
    qaly += np.array([[0], [0.5], [0.8]])
    outcomes = run(cost, qaly)
    return compare(outcomes, reference="s0", wtp=385e3)


def test_table_has_a_row_per_strategy_in_both_languages(cea):
    for language in ("en", "no"):
        assert list(cea.table(language).index) == [row.strategy for row in cea.rows]
    assert cea._repr_html_().count("<table") == 1


@pytest.mark.parametrize(
    "figure", ["plot_plane", "plot_acceptability", "plot_net_benefit", "plot_frontier"]
)
def test_figures_draw_on_the_axes_given(cea, figure):
    ax = Figure().subplots()
    assert getattr(cea, figure)(ax=ax, language="no") is ax
    assert ax.has_data()
