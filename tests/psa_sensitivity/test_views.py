"""Tables, figures and sentences in both languages."""

from dataclasses import replace
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest

import prioritering as pr
from prioritering.errors import ResultError, UnknownNameError
from prioritering.psa.drivers import drivers
from prioritering.psa.sensitivity import Scenario, one_way, scenarios, threshold, two_way
from prioritering.report.numbers import number
from prioritering.report.tables.drivers import driver_sentence

from .conftest import Formula

RANGES = {"c_trtB": (-2_000, 30_000), "hr_S1S2_trtB": (0.4, 1.3)}
SPACE = "\N{NO-BREAK SPACE}"


def plain(text):
    return str(text).replace(SPACE, " ").replace("\n", " ")


@pytest.fixture
def tornado(model, question):
    return one_way(model, ranges=RANGES, groups={"utilities": ("u_S1", "u_S2")}, **question)


@pytest.fixture
def ranked(model, question):
    values = {"hr_S1S2_trtB": SimpleNamespace(value=12_678.0, se=534.0)}
    values["u_S1"] = SimpleNamespace(value=2.6, se=16.0)
    return drivers(model, seed=1, n_sobol=64, evppi=values, **question)


@pytest.fixture
def compared(model, question):
    return scenarios(
        model,
        scenarios={
            "cheap": Scenario("Half the price.", values={"c_trtB": -2_000}),
            "later": Scenario(discounting=pr.Discounting.none(), values={"u_S1": 0.7}),
            "none": Scenario(values={"hr_S1S2_trtB": 1.0}),
        },
        **question,
    )


def texts(ax):
    return plain(" ".join(t.get_text() for t in ax.texts))


def inside(figure):
    """No text leaves the figure."""
    figure.canvas.draw()
    width, height = figure.bbox.size
    shown = [t for ax in figure.axes for t in (*ax.texts, ax.title, ax._left_title)]
    for text in shown:
        if text.get_text():
            box = text.get_window_extent()
            assert box.x0 > -2, text.get_text()
            assert box.x1 < width + 2, text.get_text()
            assert box.y0 > -2, text.get_text()
            assert box.y1 < height + 2, text.get_text()


def test_tornado_table(tornado, language):
    table = tornado.table(language)
    columns = [plain(c) for c in table.columns]
    assert (
        columns[:2]
        == {"en": ["Base value", "Range"], "no": ["Verdi i hovedanalysen", "Spenn"]}[language]
    )
    row = table.loc["hr_S1S2_trtB"].map(plain).tolist()
    words = {"en": ("dominated: less effect", "yes"), "no": ("dominert: mindre effekt", "ja")}
    assert row[3].startswith(words[language][0])
    assert row[-1] == words[language][1]
    ends = tornado["hr_S1S2_trtB"]
    shown = [number(x.nmb, decimals=0, language=language) for x in (ends.low, ends.high)]
    named = {"en": "Net benefit at {} (NOK)", "no": "Netto nytte ved {} verdi (NOK)"}[language]
    words = {"en": ("low", "high"), "no": ("lav", "høy")}[language]
    by_name = dict(zip(columns, row, strict=True))
    assert [by_name[named.format(w)] for w in words] == [plain(x) for x in shown]
    notes = plain(" ".join(table.attrs["notes"]))
    assert "r_HD" in notes
    assert {"en": "NOK 80,000", "no": "80 000 NOK"}[language] in notes
    assert "hr_S1S2_trtB" in tornado._repr_html_()


def test_tornado_figure(tornado, language):
    ax = tornado.plot(language=language)
    widest = {p.get_gid(): p for p in ax.patches if p.get_y() < 0}
    for gid in ("low", "high"):
        reached = widest[gid].get_x() + widest[gid].get_width()
        assert reached == pytest.approx(getattr(tornado.rows[0], gid).nmb, rel=1e-12)
    assert [t.get_text() for t in ax.get_yticklabels()] == [row.name for row in tornado.rows]
    written = texts(ax)
    assert {"en": "base case NOK 7,081", "no": "hovedanalyse 7 081 NOK"}[language] in written
    assert {"en": "zero net benefit", "no": "null netto nytte"}[language] in written
    assert {"en": "30,000", "no": "30 000"}[language] in written
    title = plain(ax.get_title(loc="left"))
    assert title.startswith({"en": "4 of 5 can", "no": "4 av 5 kan"}[language])
    inside(ax.figure)


def test_an_icer_that_means_something_else_is_a_word(tornado, language):
    ax = tornado.plot("icer", language=language)
    words = texts(ax)
    for text in {"en": ("low value: dominant", "high value: dominated"),
                 "no": ("lav verdi: dominant", "høy verdi: dominert")}[language]:  # fmt: skip
        assert text in words
    assert len([p for p in ax.patches if p.get_gid()]) == 2 * len(tornado.rows) - 2
    inside(ax.figure)


def test_only_the_widest_bars_are_drawn():
    params = pr.Parameters({f"x{i}": pr.uniform(low=0, high=1 + i) for i in range(20)})
    model = Formula(lambda p: sum(p.values()))
    found = one_way(model, params=params, reference="old")
    ax = found.plot()
    assert len(ax.get_yticklabels()) == 15
    assert "5 with less swing are not shown" in texts(ax)
    assert plain(ax.get_title(loc="left")) == "One at a time: x19 matters most"
    assert "Swing of incremental cost (NOK)" in found.table().columns


def test_a_base_case_without_icer_has_no_icer_tornado(language):
    params = pr.Parameters(x=pr.uniform(low=1, high=2))
    model = Formula(lambda p: -p.x, lambda p: p.x)
    found = one_way(model, params=params, reference="old", wtp=1.0)
    with pytest.raises(ResultError, match=r"no ICER to draw around.*dominant.*'nmb'"):
        found.plot("icer", language=language)
    with pytest.raises(UnknownNameError, match="unknown outcome 'nmbb'"):
        found.plot("nmbb", language=language)
    assert {"en": "None of 1", "no": "Ingen av 1"}[language] in found.plot(
        language=language
    ).get_title(loc="left")


def test_both_ends_on_one_side_of_the_base_case_share_a_label():
    params = pr.Parameters(x=pr.normal(mean=0, se=1))
    found = one_way(Formula(lambda p: p.x**2), params=params, reference="old", wtp=1.0)
    assert "−1.96; 1.96" in texts(found.plot())


def test_both_ends_may_be_a_word(language):
    params = pr.Parameters(x=pr.normal(mean=0, se=1), y=pr.uniform(low=1, high=2))
    model = Formula(lambda p: 1 - p.x**2, lambda p: p.y)
    found = one_way(model, params=params, reference="old", wtp=1.0)
    words = {"en": "low and high value: dominant", "no": "lav og høy verdi: dominant"}
    assert words[language] in texts(found.plot("icer", language=language))


def test_scenarios(compared, language):
    table = compared.table(language)
    changed = table.iloc[:, 0].map(plain).tolist()
    assert changed[1] == "Half the price."
    assert changed[2] == {
        "en": "u_S1 = 0.7; costs and effects not discounted",
        "no": "u_S1 = 0,7; kostnader og effekter ikke diskontert",
    }[language]  # fmt: skip
    assert table.index[0] == {"en": "Base case", "no": "Hovedanalyse"}[language]
    ax = compared.plot(language=language)
    dots = [float(line.get_xdata()[0]) for line in ax.lines if line.get_gid() == "scenario"]
    assert dots == [row.result.nmb for row in compared.rows]
    inside(ax.figure)
    icer = compared.plot("icer", language=language)
    assert len([line for line in icer.lines if line.get_gid() == "scenario"]) == 1
    assert {"en": "no difference in effect", "no": "ingen forskjell i effekt"}[language] in texts(
        icer
    )


def test_two_way(model, question, language):
    grid = {"x_values": np.linspace(5e3, 3e4, 12), "y_values": np.linspace(0.3, 1.2, 9)}
    found = two_way(model, x="c_trtB", y="hr_S1S2_trtB", **grid, **question)
    ax = found.plot(language=language)
    inside(ax.figure)
    base = next(line for line in ax.lines if line.get_gid() == "base")
    assert (base.get_xdata()[0], base.get_ydata()[0]) == found.base_values
    assert ax.get_xlabel() == {"en": "c_trtB (USD/year)", "no": "c_trtB (USD/år)"}[language]
    boundary = max((s for c in ax.collections[1:] for s in c.get_paths()), key=len).vertices
    for price, hr in boundary[1:-1:4]:
        (at,) = threshold(
            model, name="hr_S1S2_trtB", low=0.2, high=1.5,
            **{**question, "params": question["params"].replace(c_trtB=float(price))},
        ).crossings  # fmt: skip
        assert hr == pytest.approx(at.value, abs=0.01)
    preferred = found.plot("preferred", language=language)
    assert len(preferred.get_legend().get_texts()) == len(np.unique(found.preferred))
    assert found.table(language).shape == (9, 12)
    with pytest.raises(UnknownNameError, match=r"unknown map 'icer'.*'preferred'"):
        found.plot("icer")
    far = two_way(
        model, x="c_trtB", y="u_S1", x_values=[1, 2], y_values=[0.1, 0.2], **question
    ).plot(language=language)
    assert {"en": "lies outside", "no": "ligger utenfor"}[language] in texts(far)


def test_threshold(model, question, language):
    found = threshold(model, name="c_trtB", low=0, high=50_000, **question)
    ax = found.plot(language=language)
    inside(ax.figure)
    (dot,) = [line for line in ax.lines if line.get_gid() == "crossing"]
    assert dot.get_xdata()[0] == found.crossings[0].value
    assert {"en": "c_trtB is 13,7", "no": "c_trtB er 13 7"}[language] in plain(
        ax.get_title(loc="left")
    )
    row = found.table(language).map(plain).iloc[0].tolist()
    assert row == {"en": ["13,000", "13,706.7", "below it"],
                   "no": ["13 000", "13 706,7", "under den"]}[language]  # fmt: skip
    none = threshold(model, name="c_trtB", low=0, high=1_000, **question)
    assert {"en": "none from 0 to 1,000", "no": "ingen fra 0 til 1 000"}[language] in plain(
        none.table(language).iloc[0, 1]
    )
    assert {"en": "No value of c_trtB", "no": "Ingen verdi av c_trtB"}[language] in none.plot(
        language=language
    ).get_title(loc="left")


def test_drivers(ranked, language):
    table = ranked.table(language)
    assert table.shape == (6, 5)
    assert plain(table.iloc[0, 2]) == {"en": "12,678 (534)", "no": "12 678 (534)"}[language]
    panels = ranked.plot(language=language)
    assert len(panels) == 3
    inside(panels[0].figure)
    lengths = [p.get_width() for p in panels[0].patches if p.get_gid() == "swing"]
    assert lengths == [row.swing for row in ranked.rows]
    totals = [line.get_xdata()[0] for line in panels[2].lines if line.get_gid() == "total"]
    assert totals == [max(row.total_order, 0.0) for row in ranked.rows]
    plt.close("all")


def test_sentences(ranked, language):
    first, small = ranked.sentence(language), ranked.sentence(language, name="u_S1")
    assert plain(first).endswith(
        {"en": "knowing it would be worth NOK 13,000 per patient.",
         "no": "å kjenne den ville være verdt 13 000 NOK per pasient."}[language]
    )  # fmt: skip
    assert first.startswith("hr_S1S2_trtB ")
    assert {"en": "NOK 34 per patient at most", "no": "høyst 34 NOK per pasient"}[
        language
    ] in plain(small)
    assert "NOK" not in ranked.sentence(language, name="c_S2")


def test_a_sentence_does_not_contradict_itself(ranked, language):
    """A swing is with the others fixed and the value of knowing averages over them: both say so."""
    row = replace(ranked.rows[0], evppi=0.0, evppi_se=0.0)
    sentence = driver_sentence(ranked, row, language=language)
    alone, on_average = {
        "en": ("changes the decision while the others stay", "averaged over the others, no value"),
        "no": ("endrer beslutningen når de andre er som", "i snitt over de andre endrer ingen"),
    }[language]
    assert sentence.index(alone) < sentence.index(on_average)


def test_panels_may_be_given(ranked):
    _, axes = plt.subplots(1, 3)
    assert ranked.plot(axes)[2] is axes[2]
    with pytest.raises(ResultError, match=r"3 axes; found 2 axes"):
        ranked.plot(axes[:2])
