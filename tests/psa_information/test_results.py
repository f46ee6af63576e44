"""Results: frames, tables and figures in both languages, and what is frozen."""

import pickle
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Text

from prioritering.conventions import Discounting
from prioritering.errors import ResultError
from prioritering.psa.information import (
    enbs,
    evpi,
    evppi,
    evppi_all,
    evsi,
    evsi_by_sample_size,
    optimal_sample_size,
    population_evpi,
    two_arm_binomial,
)
from prioritering.report.figures._canvas import sheet

LIMITS = np.linspace(0, 50_000, 11)
SIDE = ["p_side_effects_t1", "p_side_effects_t2"]
FOUR = Discounting.flat(0.04)


@pytest.fixture(scope="module")
def results(chemo_run, chemo_draws):
    over = {"wtp": LIMITS, "rank_at": 20_000, "parameters": ["u_home_care", "p_died", "c_death"]}
    ranking = evppi_all(chemo_run, chemo_draws, groups={"side effects": SIDE}, **over)
    sample = evsi_by_sample_size(
        chemo_run, chemo_draws, study=two_arm_binomial(*SIDE), wtp=20_000, n=[50, 100, 400, 1000]
    )
    costs = {"cost_per_patient": 1500.0, "incidence": 2000, "years": 5, "discounting": FOUR}
    perfect = evpi(chemo_run, wtp=LIMITS)
    return {
        "evpi": perfect,
        "population": population_evpi(perfect, incidence=100, years=5, discounting=FOUR),
        "evppi": ranking.items["side effects"],
        "one": evppi(chemo_run, chemo_draws, parameters=SIDE, wtp=20_000),
        "ranking": ranking,
        "evsi": sample,
        "enbs": enbs(sample, fixed_cost=1e5, time_to_report=1.0, **costs),
        "too dear": enbs(sample, fixed_cost=1e9, **costs),
    }


FIGURES = {
    "evpi": ("evpi", "plot"),
    "evppi": ("evppi", "plot"),
    "residuals": ("one", "plot_residuals"),
    "ranking": ("ranking", "plot"),
    "limits": ("ranking", "plot_limits"),
    "evsi": ("evsi", "plot"),
    "enbs": ("enbs", "plot"),
    "too dear": ("too dear", "plot"),
}


@pytest.mark.parametrize("language", ["en", "no"])
@pytest.mark.parametrize("name", FIGURES)
def test_no_text_leaves_the_figure_or_covers_another(name, language, results):
    result, method = FIGURES[name]
    figure, ax = sheet()
    assert getattr(results[result], method)(ax, language=language) is ax
    figure.draw_without_rendering()
    whole = figure.bbox.padded(1)
    boxes = [t.get_window_extent() for t in ax.texts if t.get_text()]
    boxes += [ax._left_title.get_window_extent(), ax.xaxis.label.get_window_extent()]
    for box in boxes:
        assert whole.x0 <= box.x0 <= box.x1 <= whole.x1
        assert whole.y0 <= box.y0 <= box.y1 <= whole.y1
    for i, box in enumerate(boxes):
        assert not any(box.padded(-1.5).overlaps(other.padded(-1.5)) for other in boxes[i + 1 :])
    assert "GBP" in ax.get_ylabel() + ax.get_xlabel()


def heading(ax):
    text = ax.get_title(loc="left") or ax._left_title.get_text()
    return text.replace("\n", " ").replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("name", "english", "norwegian"),
    [
        (
            "evpi",
            "worth most at GBP 20,000 per QALY: GBP 368.61",
            "20 000 GBP per QALY: 368,61 GBP",
        ),
        (
            "ranking",
            "Most worth knowing at GBP 20,000 per QALY: side effects",
            "Mest verdt å vite ved 20 000 GBP per QALY: side effects",
        ),
        ("residuals", "fitted means have 81 % of the variance", "har 81 % av variansen"),
        ("enbs", "Highest net benefit with 100 patients", "Høyest netto nytte med 100 pasienter"),
        ("too dear", "No study considered is worth", "Ingen av studiene er verdt"),
    ],
)
def test_titles_say_the_finding(name, english, norwegian, results):
    result, method = FIGURES[name]
    for language, expected in (("en", english), ("no", norwegian)):
        assert expected in heading(getattr(results[result], method)(language=language))
    plt.close("all")


def test_evpi_line_and_band_are_the_numbers(results):
    ax = results["evpi"].plot()
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), results["evpi"].value)
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    top = results["evpi"].value + 1.959963984540054 * results["evpi"].se
    assert band.max() == pytest.approx(top.max(), rel=1e-12)


def test_bars_are_the_numbers_the_largest_on_top(results):
    ranking = results["ranking"]
    ax = ranking.plot(most=2)
    widths = [bar.get_width() for bar in ax.patches]
    assert widths == [float(i.value[4]) for i in list(ranking.items.values())[:2]]
    assert [t.get_text() for t in ax.get_yticklabels()] == list(ranking.items)[:2]
    assert ax.patches[0].get_y() > ax.patches[1].get_y()


def test_lines_need_two_points(results, chemo_run, chemo_draws):
    with pytest.raises(ResultError, match="too few limits"):
        evpi(chemo_run, wtp=1.0).plot()
    with pytest.raises(ResultError, match="too few limits"):
        results["one"].plot()
    single = evsi(chemo_run, chemo_draws, study=two_arm_binomial(*SIDE), wtp=20_000, n=50)
    with pytest.raises(ResultError, match="too few sizes"):
        single.plot()


@pytest.mark.parametrize("language", ["en", "no"])
def test_tables(results, language, chemo_run):
    grouping = {"en": ",", "no": "\N{NO-BREAK SPACE}"}[language]
    for name, result in results.items():
        table = result.table(language)
        assert all(isinstance(cell, str) for cell in table.to_numpy().ravel())
        assert table.attrs["notes"]
        if name in ("evpi", "population", "evppi"):
            assert f"20{grouping}000" in table.index
    # 368.605... is voi's; its error is the spread of the losses in plain NumPy.
    cost, qaly = chemo_run.cost, chemo_run.qaly
    b = 20_000 * (qaly[1] - qaly[0]) - (cost[1] - cost[0])
    loss = np.maximum(-b if b.mean() > 0 else b, 0)
    perfect = f"368.61 ({loss.std(ddof=1) / 100:.2f})"
    shown = results["evpi"].table(language).iloc[4, 0]
    assert shown == {"en": perfect, "no": perfect.replace(".", ",")}[language]


def test_html_shows_the_table(results):
    for result in results.values():
        assert "<table" in result._repr_html_()


def test_frames_hold_raw_numbers(results):
    frame = results["ranking"].to_frame()
    assert len(frame) == 4 * LIMITS.size
    here = frame[(frame.name == "side effects") & (frame.wtp == 20_000)].iloc[0]
    assert here.share_of_evpi == pytest.approx(here.evppi / 368.6050962259178, rel=1e-12)
    sizes = results["evsi"].to_frame()
    assert sizes["patients"].tolist() == [100, 200, 800, 2000]


def test_population_of_a_study(results):
    """Four of five years are left, at mid-year factors; 1 500 a patient in two arms."""
    found, sample = results["enbs"], results["evsi"]
    present = 2000 * sum(1.04 ** -(t + 0.5) for t in range(1, 5))
    assert (found.patients, found.discounted_patients) == (8000.0, pytest.approx(present))
    np.testing.assert_allclose(found.cost, 1e5 + 1500 * 2 * sample.n)
    np.testing.assert_allclose(found.value, sample.value * present - found.cost, rtol=1e-12)
    np.testing.assert_allclose(found.se, sample.se * present, rtol=1e-12)


def test_best_size_and_those_near_it(results):
    best = optimal_sample_size(results["enbs"])
    assert best == results["enbs"].optimum
    assert best.n == 100
    assert best.low <= 100 <= best.high < 1000
    assert not best.at_edge
    none = results["too dear"].optimum
    assert (none.n, none.value, none.high) == (0, 0.0, 0)


@pytest.mark.parametrize(
    ("fixed_cost", "n", "low", "note"),
    [
        (0.0, 50, 50, ""),
        (95.0, 50, 0, "0 per arm is no study, which is not clearly worse"),
        (105.0, 0, 0, "studies of up to 50 per arm may be worth it"),
        (200.0, 0, 0, ""),
    ],
)
def test_no_study_is_among_the_choices(fixed_cost, n, low, note, results):
    """100 of value at an error of 10 for the smallest size; the larger cost too much."""
    sample = replace(results["evsi"], value=np.array([100.0, 100, 100, 100]), se=np.full(4, 10.0))
    found = enbs(
        sample, fixed_cost=fixed_cost, cost_per_patient=0.0, incidence=1, years=1,
        discounting=Discounting.none(),
    )  # fmt: skip
    found = replace(found, value=found.value - np.array([0, 500, 500, 500.0]))
    assert (found.optimum.n, found.optimum.low) == (n, low)
    shown = " ".join(found.table().attrs["notes"])
    assert (note in shown) if note else "not clearly worse." not in shown and "may be" not in shown


def test_structure_left_is_said_in_the_language_of_the_reader():
    x = np.random.default_rng(7).uniform(-1, 1, 5000)
    b = np.sign(np.sin(40 * x))
    pair = np.stack([0 * b, -b]), np.zeros((2, b.size))
    with pytest.warns(UserWarning, match="leaves structure"):
        ranking = evppi_all(pair, {"x": x}, wtp=[0.0, 1.0], rank_at=0.0)
    alone = ranking.items["x"]
    for notes in (alone.table("no").attrs["notes"], ranking.table("no").attrs["notes"]):
        joined = " ".join(notes)
        assert "kostnad etter tilpasset gjennomsnitt" in joined
        assert "kostnad etter x" in joined
        assert "cost by" not in joined


def test_results_are_frozen_and_survive_pickling(results):
    for result in results.values():
        again = pickle.loads(pickle.dumps(result))
        assert repr(again) == repr(result) or type(result).__repr__ is object.__repr__
        for array in (a for a in vars(again).values() if isinstance(a, np.ndarray)):
            assert not array.flags.writeable


def test_same_seed_same_result(chemo_run, chemo_draws):
    one, two, other = (
        evppi(chemo_run, chemo_draws, parameters="p_died", wtp=20_000, seed=s) for s in (3, 3, 4)
    )
    assert one.se == two.se
    assert one.se != other.se
    assert one.value == two.value == other.value


def test_the_order_and_the_table_are_those_of_the_limit_chosen(chemo_run, chemo_draws):
    names = ["c_home_care", "p_side_effects_t2", "u_home_care"]
    given = {"parameters": names, "wtp": [0.0, 20_000.0]}
    for limit in given["wtp"]:
        found = evppi_all(chemo_run, chemo_draws, rank_at=limit, **given)
        alone = evppi_all(chemo_run, chemo_draws, parameters=names, wtp=limit)
        assert list(found.items) == list(alone.items)
        assert found.table().equals(alone.table())
        assert found.table().attrs["notes"] == alone.table().attrs["notes"]
        assert heading(found.plot()) == heading(alone.plot())
    plt.close("all")


@pytest.mark.parametrize("rank_at", [None, 10.0, "high"])
def test_several_limits_are_not_ranked_by_a_guess(rank_at, chemo_run, chemo_draws):
    with pytest.raises(ResultError, match=r"rank_at does not say.*0, 20000; found.*rank_at=20000"):
        evppi_all(chemo_run, chemo_draws, wtp=[0.0, 20_000.0], rank_at=rank_at)


def test_figures_at_one_of_several_limits(chemo_run, chemo_draws):
    over = {"wtp": [0.0, 20_000.0]}
    known = evppi(chemo_run, chemo_draws, parameters=SIDE, **over)
    study = two_arm_binomial(*SIDE)
    sample = evsi_by_sample_size(chemo_run, chemo_draws, study=study, n=[50, 200], **over)
    for draw in (known.plot_residuals, sample.plot):
        with pytest.raises(ResultError, match=r"wtp does not say which limit is meant"):
            draw()
    assert "At GBP 20,000" in " ".join(
        t.get_text().replace("\N{NO-BREAK SPACE}", " ").replace("\n", " ")
        for t in known.plot_residuals(wtp=20_000.0).figure.findobj(Text)
    )
    ax = sample.plot(wtp=20_000.0)
    assert "GBP 20,000 per QALY" in heading(ax)
    (ceiling,) = (line for line in ax.lines if line.get_gid() == "ceiling")
    assert ceiling.get_ydata()[0] == sample.ceiling[1]
    assert any(np.array_equal(line.get_ydata(), sample.value[:, 1]) for line in ax.lines)
    plt.close("all")


@pytest.mark.parametrize("language", ["en", "no"])
def test_population_value_of_some_parameters_says_which(language, results):
    served = {"incidence": 100, "years": 5, "discounting": FOUR}
    whole = results["population"].table(language)
    table = population_evpi(results["one"], **served).table(language)
    assert table.columns[0].startswith({"en": "EVPPI, all", "no": "EVPPI, alle"}[language])
    assert whole.columns[0].startswith({"en": "EVPI, all", "no": "EVPI, alle"}[language])
    notes = " ".join(table.attrs["notes"])
    assert {"en": "Known: ", "no": "Kjent: "}[language] + ", ".join(SIDE) in notes
    assert "Known" not in " ".join(whole.attrs["notes"])
    present = 100 * sum(1.04 ** -(t + 0.5) for t in range(5))
    found = population_evpi(results["one"], **served)
    assert found.value == pytest.approx(results["one"].value * present, rel=1e-12)
    assert found.se == pytest.approx(results["one"].se * present, rel=1e-12)
    with pytest.raises(ResultError, match=r"not a value of information.*found Evsi"):
        population_evpi(results["evsi"], **served)
