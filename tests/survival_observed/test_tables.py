"""The tables of observed survival print what was computed, in both languages."""

import pickle

import numpy as np
import pytest

from prioritering.errors import PrioriteringWarning, UnknownNameError
from prioritering.survival.observed import (
    SurvivalData,
    cox_hazard_ratio,
    kaplan_meier,
    log_cumulative_hazard,
    log_rank,
    nelson_aalen,
    proportional_hazards_test,
    reconstruct,
    smoothed_hazard,
)
from tests.survival_observed.freezing import assert_frozen

NBSP = "\N{NO-BREAK SPACE}"


def plain(frame):
    """Cells row by row, with ordinary spaces."""
    return {
        name: [cell.replace(NBSP, " ") for cell in row]
        for name, row in zip(frame.index, frame.to_numpy().tolist(), strict=True)
    }


def notes(frame):
    return " ".join(frame.attrs["notes"]).replace(NBSP, " ")


@pytest.fixture
def results(gbsg2):
    data = gbsg2("rfs")
    with pytest.warns(PrioriteringWarning, match="differ at 1 of 2 times"):
        rebuilt = reconstruct(
            [1, 2, 5], [0.9, 0.7, 0.7], risk_times=[0, 3], numbers_at_risk=[10, 8], total_events=3
        )
    return {
        "km": kaplan_meier(data),
        "log-rank": log_rank(data),
        "cox": cox_hazard_ratio(data, reference="control"),
        "proportional": proportional_hazards_test(data, reference="control"),
        "report": rebuilt.report,
        "rebuilt": rebuilt,
    }


NAMES = ["km", "log-rank", "cox", "proportional", "report", "rebuilt"]


@pytest.mark.parametrize("name", NAMES)
def test_every_result_has_a_table_in_both_languages_and_shows_it(results, name):
    result = results[name]
    english, norwegian = result.table(), result.table("no")
    assert english.shape == norwegian.shape
    assert list(english.columns) != list(norwegian.columns)
    assert len(english.attrs["notes"]) == len(norwegian.attrs["notes"]) > 0
    html = result._repr_html_()
    assert html.count("<tr>") == len(english) + 1
    assert all(f">{column}</th>" in html for column in english.columns)
    with pytest.raises(UnknownNameError, match="unknown language 'sv'"):
        result.table("sv")


@pytest.mark.parametrize("name", NAMES)
def test_results_survive_pickle(results, name):
    again = pickle.loads(pickle.dumps(results[name]))
    assert again.table().equals(results[name].table())


def test_results_stay_frozen_after_pickle(results, gbsg2):
    data = gbsg2("rfs")
    more = [nelson_aalen(data), smoothed_hazard(data, bandwidth=1.0), log_cumulative_hazard(data)]
    arrays = [results[name] for name in ("km", "log-rank", "proportional", "rebuilt")]
    for result in [*arrays, *more]:
        assert_frozen(result)
        assert_frozen(pickle.loads(pickle.dumps(result)))


def test_kaplan_meier_states_median_and_survival_with_their_intervals(results):
    estimate = results["km"]
    rows = plain(estimate.table())
    assert rows["Patients"] == ["686", "", ""]
    assert rows["Events"] == ["299", "", ""]
    assert rows["Longest follow-up (years)"] == [f"{estimate.last_time:.1f}", "", ""]
    median = estimate.median
    assert rows["Median time to event (years)"] == [
        f"{median.value:.1f}",
        f"{median.low:.1f} to {median.high:.1f}",
        "",
    ]
    at = estimate.at([2, 4, 6])
    for i, year in enumerate((2, 4, 6)):
        assert rows[f"Share without event at year {year}"] == [
            f"{100 * at.survival[i]:.1f} %",
            f"{100 * at.low[i]:.1f} % to {100 * at.high[i]:.1f} %",
            f"{at.at_risk[i]:.0f}",
        ]
    assert len(rows) == 7
    assert list(estimate.table("no").columns)[1].replace(NBSP, " ") == "95 %-konfidensintervall"


@pytest.mark.parametrize(
    ("last", "years"),
    [
        (0.3, ["0.05", "0.1", "0.15", "0.2", "0.25", "0.3"]),
        (0.9, ["0.2", "0.4", "0.6", "0.8"]),
        (6, ["1", "2", "3", "4", "5", "6"]),
        (7, ["2", "4", "6"]),
        (30, ["5", "10", "15", "20", "25", "30"]),
    ],
)
def test_survival_is_stated_at_even_steps_within_follow_up(last, years):
    data = SurvivalData.from_arrays([last / 2, last], event=[1, 0])
    start = "Share without event at year "
    names = kaplan_meier(data).table().index
    assert [name.removeprefix(start) for name in names if name.startswith(start)] == years


def test_a_median_beyond_follow_up_is_said_in_words(gbsg2):
    reached_low = plain(kaplan_meier(gbsg2("os")).table())["Median time to event (years)"]
    assert reached_low[0] == "not reached"
    none = SurvivalData.from_arrays([1.0, 2.0, 3.0] * 30, event=[1] + [0] * 89)
    assert plain(kaplan_meier(none).table("no"))["Median tid til hendelse (år)"] == [
        "ikke nådd",
        "",
        "",
    ]


def test_level_and_kind_of_the_interval_are_named(gbsg2):
    frame = kaplan_meier(gbsg2("rfs"), interval="plain", level=0.975).table("no")
    assert frame.columns[1].replace(NBSP, " ") == "97,5 %-konfidensintervall"
    assert notes(frame) == "Punktvise konfidensintervaller (uten transformasjon)."


def test_weighted_counts_have_decimals():
    data = SurvivalData.from_arrays([1, 2, 3], event=[1, 1, 0], weight=[0.5, 0.7, 1.1])
    assert plain(kaplan_meier(data).table())["Share without event at year 1"][2] == "2.30"


def test_log_rank_prints_both_groups_and_the_test(results):
    test = results["log-rank"]
    rows = plain(test.table())
    assert rows["control"] == ["440", "205", f"{test.expected[0]:.2f}"]
    assert rows["tamoxifen"] == ["246", "94", f"{test.expected[1]:.2f}"]
    text = notes(test.table())
    assert f"chi-square {test.chi_square:.2f}, degrees of freedom 1" in text
    assert f"p-value {test.p_value:.3f}." in text
    assert "Fleming" not in text


def test_weights_of_the_log_rank_test_are_named(gbsg2):
    test = log_rank(gbsg2("rfs"), rho=0.5)
    frame = test.table("no")
    assert "rho 0,5, gamma 0." in notes(frame)
    assert plain(frame)["control"][1] == f"{test.observed[0]:.2f}".replace(".", ",")


def test_hazard_ratio_has_interval_p_value_and_its_way_with_ties(gbsg2, results):
    estimate = results["cox"]
    expected = [
        f"{estimate.ratio:.2f}",
        f"{estimate.low:.2f} to {estimate.high:.2f}",
        f"{estimate.p_value:.3f}",
    ]
    assert plain(estimate.table()) == {"tamoxifen against control": expected}
    assert "after Efron" in notes(estimate.table())
    other = cox_hazard_ratio(gbsg2("rfs"), reference="control", ties="breslow")
    assert "etter Breslow" in notes(other.table("no"))
    assert repr(estimate) == (
        f"<CoxHazardRatio: tamoxifen against control, {estimate.ratio:.4g} "
        f"({estimate.low:.4g} to {estimate.high:.4g})>"
    )


def test_hazard_ratio_as_a_frame_of_raw_numbers(results):
    row = results["cox"].to_frame().iloc[0]
    assert row["ratio"] == results["cox"].ratio
    assert row["group"] == "tamoxifen"


def test_proportional_hazards_prints_the_test_and_its_function_of_time(gbsg2, results):
    test = results["proportional"]
    cells = plain(test.table())["tamoxifen against control"]
    assert cells[0] == f"{test.estimate.ratio:.2f}"
    assert cells[2:] == [f"{test.chi_square:.2f}", "1", f"{test.p_value:.3f}"]
    assert "the Kaplan-Meier share" in notes(test.table())
    other = proportional_hazards_test(gbsg2("rfs"), reference="control", transform="log")
    assert "logaritmen av tiden" in notes(other.table("no"))
    assert repr(test).startswith("<ProportionalHazards: tamoxifen against control, 299 events")


def test_a_small_p_value_is_a_bound():
    rng = np.random.default_rng(3)
    time = np.concatenate([rng.exponential(1, 300), rng.exponential(5, 300)])
    data = SurvivalData.from_arrays(time, event=np.ones(600), group=["a"] * 300 + ["b"] * 300)
    assert cox_hazard_ratio(data, reference="a").table().iloc[0, -1] == "<0.001"
    assert "p-value <0.001." in notes(log_rank(data).table())


def test_rebuilt_data_print_numbers_at_risk_events_and_the_fit(results):
    report = results["report"]
    frame = report.table()
    assert plain(frame) == {"0": ["10", "10", "0"], "3": ["8", "7", "-1"]}
    text = notes(frame)
    assert "Events: 3 rebuilt, 3 published." in text
    assert f"{report.mean_difference:.4f} on average, {report.max_difference:.4f} at most" in text
    assert text.endswith(" ".join(report.notes))
    assert results["rebuilt"].table().equals(frame)


def test_events_that_were_not_published_are_not_printed():
    rebuilt = reconstruct([1, 2], [0.9, 0.7], risk_times=[0, 3], numbers_at_risk=[10, 7])
    assert f"Hendelser: {rebuilt.report.events} gjenskapt." in notes(rebuilt.table("no"))
