"""Data rebuilt from digitised copies of known curves, and figures on which peers break."""

import pickle

import numpy as np
import pytest

from prioritering.errors import DataError, PrioriteringWarning, UnknownNameError
from prioritering.survival.observed import (
    SurvivalData,
    cox_hazard_ratio,
    kaplan_meier,
    kaplan_meier_by_group,
    reconstruct,
)

from .digitising import along_the_line, corners, distance, on_a_grid

YEARS = np.arange(7.0)
READING = 0.0015
"""Times are read to 3 decimals, so a step may lie 0.0005 years off; a little more."""


def rebuild(gbsg2, endpoint, read, *, numbers=True, total=True):
    """Rebuild both arms; returns originals, rebuilt data, and the error of the hazard ratio."""
    data = gbsg2(endpoint)
    originals, rebuilt = kaplan_meier_by_group(data), {}
    for arm, estimate in originals.items():
        at = YEARS if numbers else YEARS[:1]
        rebuilt[arm] = reconstruct(
            *read(estimate),
            risk_times=at,
            numbers_at_risk=estimate.numbers_at_risk(at),
            total_events=estimate.data.n_events if total else None,
            group=arm,
        )
    both = SurvivalData.concatenate([r.data for r in rebuilt.values()])
    truth = cox_hazard_ratio(data, reference="control").ratio
    error = cox_hazard_ratio(both, reference="control").ratio / truth - 1
    return originals, rebuilt, error


@pytest.mark.parametrize("endpoint", ["rfs", "os"])
@pytest.mark.parametrize(
    ("read", "shift", "within"),
    [
        (corners, READING, 0.003),
        (lambda e: along_the_line(e, 200), 0.04, 0.01),
        (lambda e: along_the_line(e, 120), 0.07, 0.02),
        (lambda e: on_a_grid(e, 200), 0.04, 0.003),
    ],
    ids=["corners", "200 points along the line", "120 points along the line", "grid of 200"],
)
def test_survival_and_hazard_ratio_are_recovered(gbsg2, endpoint, read, shift, within):
    """Survival everywhere, steps lying no further off than neighbouring points do.

    120 points along the line are up to 0.02 of survival apart.
    """
    originals, rebuilt, error = rebuild(gbsg2, endpoint, read)
    assert abs(error) < 0.02
    for arm, original in originals.items():
        report = rebuilt[arm].report
        assert distance(original, rebuilt[arm].estimate, shift=shift) < within
        assert report.numbers_rebuilt == report.numbers_given
        assert report.max_difference < within
        assert abs(report.events - original.data.n_events) <= 3


@pytest.mark.parametrize("endpoint", ["rfs", "os"])
def test_corners_alone_recover_it_without_numbers_at_risk(gbsg2, endpoint):
    originals, rebuilt, error = rebuild(gbsg2, endpoint, corners, numbers=False)
    assert abs(error) < 0.05
    for arm, original in originals.items():
        assert distance(original, rebuilt[arm].estimate, shift=READING) < 0.005
        assert rebuilt[arm].report.events == original.data.n_events


@pytest.mark.parametrize("endpoint", ["rfs", "os"])
def test_corners_recover_it_without_the_total_of_events(gbsg2, endpoint):
    with pytest.warns(PrioriteringWarning, match="rest on an assumption"):
        originals, rebuilt, error = rebuild(gbsg2, endpoint, corners, total=False)
    assert abs(error) < 0.02
    for arm, original in originals.items():
        assert distance(original, rebuilt[arm].estimate, shift=READING) < 0.005
    notes = [note for r in rebuilt.values() for note in r.report.notes]
    assert any("censoring at its earlier pace" in note for note in notes)


@pytest.mark.parametrize("endpoint", ["rfs", "os"])
@pytest.mark.parametrize("seed", range(5))
def test_an_unsteady_hand_is_counted_and_still_gives_the_hazard_ratio(gbsg2, endpoint, seed):
    rng = np.random.default_rng(seed)
    with pytest.warns(PrioriteringWarning) as seen:
        originals, rebuilt, error = rebuild(
            gbsg2, endpoint, lambda e: along_the_line(e, 200, rng=rng, noise=0.002)
        )
    changes = [str(w.message) for w in seen if "digitised points were changed" in str(w.message)]
    assert len(changes) == 2
    assert all("rises levelled out" in change for change in changes)
    assert abs(error) < 0.05
    for arm, original in originals.items():
        assert distance(original, rebuilt[arm].estimate, shift=0.06) < 0.03
        assert rebuilt[arm].report.mean_difference < 0.005


def test_without_censoring_the_data_come_back_exactly():
    time = np.array([1.0, 2.0, 2.0, 4.5, 6.0, 6.0, 6.0, 7.0])
    estimate = kaplan_meier(SurvivalData.from_arrays(time, event=np.ones(8)))
    rebuilt = reconstruct(
        estimate.times, estimate.survival, risk_times=[0, 3, 6], numbers_at_risk=[8, 5, 4],
        total_events=8,
    )  # fmt: skip
    assert rebuilt.data.time.tolist() == time.tolist()
    assert rebuilt.data.event.all()
    assert rebuilt.report.max_difference < 1e-12


def test_censored_patients_are_spread_evenly_between_numbers_at_risk():
    rebuilt = reconstruct(
        [5.0, 10.0], [1.0, 1.0], risk_times=[0, 10], numbers_at_risk=[10, 6], unit="years"
    )
    assert rebuilt.data.n_events == 0
    assert rebuilt.data.time.tolist() == [2, 4, 6, 8, 10, 10, 10, 10, 10, 10]


def test_the_height_of_a_step_tells_how_many_were_left():
    """A fall by a half with 10 at risk a year before: 2 left and 1 event, or 4 and 2, ..."""
    rebuilt = reconstruct(
        [2.0, 3.0], [0.9, 0.45], risk_times=[0], numbers_at_risk=[10], total_events=2
    )
    assert rebuilt.report.events == 2
    assert rebuilt.report.max_difference < 0.002
    assert rebuilt.estimate.at_risk[rebuilt.estimate.times == 3.0].tolist() == [2.0]


def test_only_the_first_number_at_risk_and_no_total():
    with pytest.warns(PrioriteringWarning, match=r"no censoring before the curve's end"):
        rebuilt = reconstruct([1, 2, 3], [0.9, 0.7, 0.7], risk_times=[0], numbers_at_risk=[10])
    assert rebuilt.data.time.tolist() == [1, 2, 2, 3, 3, 3, 3, 3, 3, 3]
    assert rebuilt.report.events == 3


@pytest.mark.parametrize("missing", [None, np.nan])
def test_missing_numbers_at_risk_are_left_out_and_noted(missing):
    numbers = [10, missing, 7, missing]
    rebuilt = reconstruct(
        [1, 2, 5], [0.9, 0.8, 0.8], risk_times=[0, 2, 4, 6], numbers_at_risk=numbers
    )
    assert rebuilt.report.risk_times == (0.0, 4.0)
    assert rebuilt.report.numbers_rebuilt == (10, 7)
    assert "2 numbers at risk missing" in rebuilt.report.notes


def test_unsorted_and_repeated_times_give_what_sorted_ones_give():
    plain = reconstruct([1, 2, 5], [0.9, 0.7, 0.7], risk_times=[0, 3], numbers_at_risk=[10, 7])
    messy = reconstruct(
        [5, 2, 1, 2, 0, 2], [0.7, 0.9, 0.9, 0.7, 1.0, 0.8], risk_times=[0, 3],
        numbers_at_risk=[10, 7],
    )  # fmt: skip
    assert messy.data.time.tolist() == plain.data.time.tolist()
    assert messy.data.event.tolist() == plain.data.event.tolist()
    assert messy.times.tolist() == [1, 2, 5]
    assert messy.report.notes == (
        "points sorted by time (3 were out of order)",
        "2 points above another at the same time left out",
    )
    assert plain.report.notes == ("point (0, 1) added",)


def test_rises_are_levelled_out_with_a_count():
    with pytest.warns(PrioriteringWarning, match=r"1 rises levelled out \(largest change 0.0100\)"):
        rebuilt = reconstruct(
            [1, 2, 3], [0.8, 0.82, 0.6], risk_times=[0], numbers_at_risk=[100], total_events=40
        )
    assert rebuilt.survival.tolist() == [0.8, 0.82, 0.6]
    np.testing.assert_allclose(rebuilt.estimate.at([1.5, 2.5]).survival, 0.81, atol=1e-12)


def test_a_vertical_line_read_unsteadily_keeps_its_order():
    times, survival = [3.0, 6.004, 6.0, 5.998, 9.0], [0.8, 0.7, 0.6, 0.5, 0.5]
    with pytest.warns(PrioriteringWarning, match="2 times moved forward to the order of reading"):
        rebuilt = reconstruct(times, survival, risk_times=[0], numbers_at_risk=[10], total_events=5)
    assert rebuilt.data.time[rebuilt.data.event].tolist() == [3, 3, 6.004, 6.004, 6.004]


@pytest.mark.parametrize(
    ("times", "survival", "change"),
    [
        ([-0.01, 1, 2], [1.0, 0.9, 0.8], "1 times just below 0 set to 0"),
        ([0, 1, 2], [0.98, 0.9, 0.8], "survival at time 0 set from 0.98 to 1"),
        ([0.5, 1, 2], [1.004, 0.9, 0.8], "1 values just outside 0 to 1 set to the bound"),
    ],
)
def test_small_misreadings_are_put_right_with_a_count(times, survival, change):
    with pytest.warns(PrioriteringWarning, match=f"digitised points were changed: {change}"):
        rebuilt = reconstruct(
            times, survival, risk_times=[0, 2], numbers_at_risk=[10, 9], total_events=2
        )
    assert change in rebuilt.report.notes
    assert rebuilt.report.events == 2


def test_the_figure_on_which_survhe_does_not_end():
    """Points and numbers of giabaio/survHE issue 30: digitise() ran on without a result."""
    times = [0.546, 1.05, 2.05, 2.98, 4.05, 5.03, 8.01, 11, 12, 15, 17, 22, 23]
    survival = [1, 1, 0.906, 0.815, 0.766, 0.67, 0.574, 0.383, 0.286, 0.191, 0.144, 0.096, 0.05]
    with pytest.warns(PrioriteringWarning) as seen:
        rebuilt = reconstruct(
            times,
            survival,
            risk_times=[0, 4, 8, 12, 16, 20],
            numbers_at_risk=[21, 16, 12, 6, 3, 2],
            unit="months",
        )
    messages = [str(w.message) for w in seen]
    assert len(messages) == 2
    assert messages[0].startswith("events after the last number at risk (1) rest on an assumption")
    assert messages[1] == "rebuilt survival is up to 0.024 from the points"
    assert rebuilt.report.numbers_rebuilt == (21, 16, 12, 6, 3, 2)
    assert rebuilt.report.risk_times[1] == 4 / 12


def test_a_curve_that_falls_more_than_the_numbers_at_risk_is_warned_of():
    with pytest.warns(
        PrioriteringWarning, match=r"numbers at risk differ at 1 of 2 times \(by up to 30\)"
    ):
        rebuilt = reconstruct(
            [1, 2], [0.5, 0.5], risk_times=[0, 2], numbers_at_risk=[100, 80], total_events=50
        )
    assert rebuilt.report.to_frame()["difference"].tolist() == [0, -30]


def test_a_total_of_events_that_cannot_be_is_warned_of():
    with pytest.warns(PrioriteringWarning, match="20 events rebuilt, 60 published"):
        reconstruct(
            [1, 2], [0.8, 0.8], risk_times=[0, 2], numbers_at_risk=[100, 80], total_events=60
        )


def test_numbers_at_risk_may_outlast_the_points():
    rebuilt = reconstruct([1, 2], [0.9, 0.8], risk_times=[0, 3, 6], numbers_at_risk=[10, 6, 0])
    assert rebuilt.report.numbers_rebuilt == (10, 6, 0)
    assert rebuilt.data.time.max() < 6


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"survival": [100, 90, 80]}, r"per cent.*values up to 100.*Divide survival by 100"),
        ({"survival": [1.1, 0.9, 0.8]}, "not a share.*found 1.1"),
        ({"survival": [0.9, 0.8, -0.1]}, "not a share.*found -0.1"),
        ({"survival": [0.9, np.nan, 0.8]}, r"survival is missing.*row 1\)"),
        ({"survival": [0.9, 0.8]}, "times 3, survival 2"),
        ({"survival": [0.9, 0.7, 0.8]}, r"the curve rises \(time 3\).*from 0.7 to 0.8.*one curve"),
        ({"times": [-1, 2, 3]}, r"times is negative.*row 0"),
        ({"times": [0, 2, 3], "survival": [0.5, 0.4, 0.3]}, "does not start at 1.*1 minus it"),
        ({"times": [0, 0, 0], "survival": [1, 1, 1]}, "a curve of one time"),
        ({"risk_times": [1, 2]}, "do not start at time 0; expected the first.*found 1"),
        ({"risk_times": [0, 0]}, r"risk_times does not rise.*row 1"),
        ({"risk_times": [0]}, "risk_times 1, numbers_at_risk 2"),
        ({"numbers_at_risk": [8, 10]}, r"numbers at risk rise \(row 1\); expected at most 8"),
        ({"numbers_at_risk": [None, 10]}, "number at risk at time 0 is missing"),
        ({"numbers_at_risk": [10, 7.5]}, r"not a number of patients \(row 1\).*found 7.5"),
        ({"numbers_at_risk": [0, 0]}, "above 0 at time 0; found 0"),
        ({"numbers_at_risk": [10, -1]}, "found -1"),
        ({"numbers_at_risk": [10, "six"]}, "numbers_at_risk is missing or not a finite number"),
        ({"total_events": 11}, "from 0 to the 10 patients; found 11"),
        ({"total_events": 2.5}, "total number of events is impossible.*found 2.5"),
        ({"numbers_at_risk": [10, 0]}, r"falls after nobody is at risk \(time 3\).*from time 2.5"),
    ],
)
def test_refused(given, message):
    arguments = {
        "times": [1, 2, 3],
        "survival": [0.9, 0.8, 0.7],
        "risk_times": [0, 2.5],
        "numbers_at_risk": [10, 8],
        **given,
    }
    with pytest.raises(DataError, match=message):
        reconstruct(arguments.pop("times"), arguments.pop("survival"), **arguments)


def test_unknown_unit():
    with pytest.raises(UnknownNameError, match="unknown unit 'month'"):
        reconstruct([1, 2], [0.9, 0.9], risk_times=[0, 2], numbers_at_risk=[10, 9], unit="month")


def test_units_groups_report_and_pickle():
    rebuilt = reconstruct(
        [6, 12, 24], [0.9, 0.8, 0.8], risk_times=[0, 12], numbers_at_risk=[10, 9],
        total_events=2, group="new", unit="months",
    )  # fmt: skip
    assert rebuilt.data.groups == ("new",)
    assert rebuilt.data.time.tolist()[:2] == [0.5, 1.0]
    assert rebuilt.times.tolist() == [0.5, 1.0, 2.0]
    assert rebuilt.report.to_frame()["year"].tolist() == [0.0, 1.0]
    assert str(rebuilt.report) == (
        "survival differs by 0.0000 on average, 0.0000 at most\n"
        "2 events (2 published)\n"
        "at risk: year 0: 10 given, 10 rebuilt, year 1: 9 given, 9 rebuilt\n"
        "point (0, 1) added"
    )
    assert repr(rebuilt).startswith("<ReconstructedData: <SurvivalData: 10 patients, 2 events")
    again = pickle.loads(pickle.dumps(rebuilt))
    assert again.report == rebuilt.report
