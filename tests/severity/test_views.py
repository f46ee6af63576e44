"""Table and figure reached from the result."""

from matplotlib.figure import Figure

from prioritering.severity import absolute_shortfall


def test_table_and_figure(rules):
    severity = absolute_shortfall([15.89, 14.2, 16.1, 12.7], age=61, rules=rules)
    assert "6.08" in severity.table().to_string()
    assert "6,08" in severity.table("no").to_string()
    assert severity._repr_html_().count("<table") == 1
    ax = Figure().subplots()
    assert severity.plot(ax=ax, language="no") is ax
    assert ax.has_data()
