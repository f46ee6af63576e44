"""The container: what it reads, what it refuses, how it is cut and resampled."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest

from prioritering.errors import DataError, PrioriteringWarning, UnknownNameError
from prioritering.survival.observed import SurvivalData, bootstrap_index
from tests.survival_observed.freezing import assert_frozen


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "months": [12.0, 30.0, 6.0, 18.0],
            "dead": [1, 0, 0, 1],
            "seen_by": [np.inf, np.inf, 9.0, np.inf],
            "from": [0.0, 3.0, 0.0, 6.0],
            "w": [1.0, 2.0, 0.5, 0.0],
            "arm": ["new", "old", "old", "new"],
            "age": [60, 71, 58, 66],
        }
    )


def read(frame, **more):
    return SurvivalData.from_frame(frame, time="months", event="dead", unit="months", **more)


def test_columns_become_years(frame):
    data = read(frame, entry="from", upper="seen_by", weight="w", group="arm", covariates=["age"])
    assert data.time.tolist() == [1.0, 2.5, 0.5, 1.5]
    assert data.event.tolist() == [True, False, False, True]
    assert data.upper.tolist() == [1.0, np.inf, 0.75, 1.5]
    assert data.entry.tolist() == [0.0, 0.25, 0.0, 0.5]
    assert data.weight.tolist() == [1.0, 2.0, 0.5, 0.0]
    assert data.group.tolist() == ["new", "old", "old", "new"]
    assert data.covariates["age"].tolist() == [60.0, 71.0, 58.0, 66.0]
    assert (data.n, data.n_events, data.groups) == (4, 2, ("new", "old"))
    assert data.is_interval_censored


def test_defaults_are_the_plain_case(frame):
    data = read(frame)
    assert data.upper is None
    assert data.group is None
    assert data.groups == ()
    assert data.entry.tolist() == [0.0] * 4
    assert data.weight.tolist() == [1.0] * 4
    assert data.upper_bounds.tolist() == [1.0, np.inf, np.inf, 1.5]
    assert repr(data) == "<SurvivalData: 4 patients, 2 events, 5.5 years of follow-up>"


def test_an_upper_bound_that_tells_nothing_is_dropped():
    data = SurvivalData.from_arrays([1.0, 2.0], event=[1, 0], upper=[1.0, np.inf])
    assert data.upper is None


@pytest.mark.parametrize(
    ("unit", "given", "years"),
    [
        ("years", 2.0, 2.0),
        ("months", 6.0, 0.5),
        ("weeks", 52.0, 364 / 365.25),
        ("days", 730.5, 2.0),
    ],
)
def test_units(unit, given, years):
    assert SurvivalData.from_arrays([given], event=[1], unit=unit).time[0] == years


def test_interval_from_zero_is_an_event_before_its_upper_bound():
    data = SurvivalData.from_arrays([0.0, 2.0], event=[0, 1], upper=[1.0, 2.0])
    assert data.n_events == 2
    assert data.upper.tolist() == [1.0, 2.0]


def test_given_arrays_are_neither_kept_nor_locked():
    time = np.array([1.0, 2.0])
    data = SurvivalData.from_arrays(time, event=[1, 0])
    time[0] = 5.0
    assert data.time[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        data.time[0] = 3.0


def test_group_labels_are_text_and_whole_numbers_have_no_decimals():
    data = SurvivalData.from_arrays([1, 2, 3], event=[1, 1, 1], group=[2.0, 1.0, 2.0])
    assert data.groups == ("1", "2")
    assert data.subset(group=2).n == 2


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"time": [1.0, 0.0, -2.0]},
            r"row 1\).*found 0\.0 \(2 of 3 rows, counted from 0\).*half day",
        ),
        ({"time": [1.0, np.nan, 2.0]}, r"column time, row 1.*number in every row"),
        ({"time": [1.0, np.inf, 2.0]}, "found inf"),
        ({"time": [1.0, "two", 2.0]}, "row 1.*found two"),
        ({"time": [1.0, 2.0]}, "columns differ in length.*time 2"),
        ({"time": []}, "at least one patient; found shape"),
        ({"time": np.ones((3, 2))}, "one value per patient"),
        ({"time": np.array([1, 2, 3], dtype="m8[D]")}, r"time differences.*\.dt\.days"),
        ({"event": [1, 2, 1]}, r"found 2 \(1 of 3 rows, counted from 0\).*become \(column == 2\)"),
        ({"event": [1, 0.5, 1]}, "neither 0 nor 1"),
        ({"entry": [0, 2.0, 0]}, "not before 'time'.*row 1.*same unit"),
        ({"entry": [0, -1.0, 0]}, "entry is negative"),
        ({"upper": [np.inf, 2.0, 4.0]}, "above the lower bound.*row 1.*event 1"),
        ({"upper": [np.inf, 1.0, 4.0]}, "above the lower bound.*row 1"),
        ({"upper": [1.5, np.inf, 4.0]}, "interval to an event at a known time.*event 0"),
        ({"upper": [np.inf, np.nan, 4.0]}, "missing or not a finite number"),
        ({"weight": [1.0, -0.5, 1.0]}, "weight is negative.*row 1"),
        ({"weight": [0.0, 0.0, 0.0]}, "weight is 0 in every row"),
        ({"group": ["a", None, "b"]}, "group is missing.*row 1"),
        ({"group": ["a", pd.NA, "b"]}, "group is missing"),
        ({"covariates": {"age": [60, np.nan, 70]}}, "column age, row 1"),
        ({"covariates": {"arm": ["a", "b", "c"]}}, "column arm, row 0"),
        ({"covariates": {"age": [60, 70]}}, "columns differ in length.*age 2"),
    ],
)
def test_refused(arrays, message):
    given = {"time": [1.0, 2.0, 3.0], "event": [1, 0, 0], **arrays}
    with pytest.raises(DataError, match=message):
        SurvivalData.from_arrays(given.pop("time"), **given)


def test_messages_name_the_users_columns(frame):
    frame.loc[2, "months"] = -1
    with pytest.raises(DataError, match=r"months is zero or below \(column months, row 2\)"):
        read(frame)
    frame.loc[2, "months"] = 6
    with pytest.raises(DataError, match="'months'"):
        read(frame, entry="age")


def test_nullable_columns_name_the_missing_row(frame):
    frame["dead"] = pd.array([1, pd.NA, 0, 1], dtype="Int64")
    with pytest.raises(DataError, match=r"dead is missing.*row 1"):
        read(frame)


def test_misspelt_names(frame):
    with pytest.raises(UnknownNameError, match="unknown column 'arms'.*Did you mean 'arm'"):
        read(frame, group="arms")
    with pytest.raises(UnknownNameError, match="unknown column 'weight'"):
        read(frame, covariates=["weight"])
    with pytest.raises(UnknownNameError, match="unknown unit 'month'.*Did you mean 'months'"):
        SurvivalData.from_arrays([1.0], event=[1], unit="month")
    with pytest.raises(UnknownNameError, match="unknown group 'newer'.*Did you mean 'new'"):
        read(frame, group="arm").subset(group="newer")
    with pytest.raises(UnknownNameError, match="no group at all"):
        read(frame).subset(group="new")


@pytest.mark.parametrize(
    ("unit", "times", "message"),
    [
        ("years", [300.0, 400.0, 500.0], "median time is 400 years if in years.*days?"),
        ("months", [2000.0, 2400.0, 500.0], "median time is 166.7 years if in months"),
        ("days", [1.5, 2.25, 7.0], "fractions and ends at 7 days"),
    ],
)
def test_units_that_look_wrong_are_warned_of(unit, times, message):
    with pytest.warns(PrioriteringWarning, match=message):
        SurvivalData.from_arrays(times, event=[1, 1, 0], unit=unit)


def test_rows_in_days_among_years_are_counted():
    years = np.linspace(0.5, 6, 100)
    mixed = np.where(np.arange(100) % 10 == 3, 365.25 * years, years)
    first = f"the first {mixed[3]:.6g}"
    match = f"^10 of 100 rows of time look like days: above 100 years if in years, {first}$"
    with pytest.warns(PrioriteringWarning, match=match):
        SurvivalData.from_arrays(mixed, event=np.ones(100))
    with pytest.warns(PrioriteringWarning, match="1 of 100 rows of time look like date numbers"):
        SurvivalData.from_arrays(np.r_[45_992.0, 365 * years[1:]], event=np.ones(100), unit="days")


def test_bounds_and_entry_in_another_unit_are_warned_of():
    time = np.linspace(1, 5, 9)
    upper = np.where(np.arange(9) < 2, 365.25 * (time + 1), time + 1)
    with pytest.warns(PrioriteringWarning, match="2 of 9 rows of upper look like days"):
        SurvivalData.from_arrays(time, event=np.zeros(9), upper=upper)
    with pytest.warns(PrioriteringWarning, match="median upper is 48 years if in years"):
        SurvivalData.from_arrays(time, event=np.zeros(9), upper=12 * (time + 1))
    late = np.where(np.arange(9) == 4, 700.0, 0.0)
    with pytest.warns(PrioriteringWarning) as caught:
        SurvivalData.from_arrays(np.where(late > 0, 900.0, time), event=np.ones(9), entry=late)
    assert [str(w.message).split(":")[0] for w in caught] == [
        "1 of 9 rows of time look like days",
        "1 of 9 rows of entry look like days",
    ]
    assert {w.filename for w in caught} == {__file__}


def test_months_taken_for_years_are_warned_of():
    months = np.linspace(10, 76, 40)
    with pytest.warns(PrioriteringWarning, match="median time is 43 years if in years"):
        SurvivalData.from_arrays(months, event=np.ones(40))
    with pytest.warns(PrioriteringWarning, match="median time since entry is 42 years"):
        SurvivalData.from_arrays(months, event=np.ones(40), entry=np.ones(40))


@pytest.mark.parametrize(
    "columns",
    [
        {"time": np.linspace(0.1, 100, 50)},
        {"time": np.linspace(60, 100, 50)},
        {"time": np.linspace(0.1, 79, 50)},
        {"time": np.linspace(55, 78, 50), "entry": np.linspace(50, 70, 50)},
        {"time": np.linspace(1, 39, 50), "upper": np.linspace(2, 60, 50)},
        {"time": 12 * np.linspace(0.1, 100, 50), "unit": "months"},
        {"time": 365.25 * np.linspace(0.1, 100, 50), "unit": "days"},
    ],
    ids=["lifetimes", "old age", "cohort", "ages", "intervals", "months", "days"],
)
def test_ordinary_follow_up_is_not_warned_of(columns):
    given = {"event": np.zeros(50), **columns}
    assert SurvivalData.from_arrays(given.pop("time"), **given).n == 50


def test_groups_in_different_units_are_warned_of():
    years = np.linspace(0.5, 6, 40)
    time, group = np.r_[years, 365.25 * years], np.repeat(["new", "old"], 40)
    with pytest.warns(
        PrioriteringWarning,
        match="median time is 3.25 in group new and 1187 in group old; are their units mixed",
    ):
        SurvivalData.from_arrays(time, event=np.ones(80), group=group, unit="days")
    worse = np.r_[years, 8 * years]
    assert SurvivalData.from_arrays(worse, event=np.ones(80), group=group, unit="months").n == 80


def test_subset_and_take_carry_everything(frame):
    data = read(frame, entry="from", upper="seen_by", weight="w", group="arm", covariates=["age"])
    old = data.subset(group="old")
    assert old.time.tolist() == [2.5, 0.5]
    assert old.upper.tolist() == [np.inf, 0.75]
    assert old.covariates["age"].tolist() == [71.0, 58.0]
    assert data.subset(group="new").upper is None
    twice = data.take([3, 3, 0])
    assert twice.entry.tolist() == [0.5, 0.5, 0.0]
    assert twice.group.tolist() == ["new", "new", "new"]


@pytest.mark.parametrize("rows", [[], [0.5], [[0, 1]], [True, False, True, False]])
def test_take_wants_rows(frame, rows):
    with pytest.raises(DataError, match="integers in one axis"):
        read(frame).take(rows)


def test_bootstrap_keeps_the_size_of_groups_and_is_reproducible(gbsg2):
    data = gbsg2("os")
    sample = data.bootstrap(np.random.default_rng(3))
    assert sample.subset(group="control").n == 440
    assert sample.subset(group="tamoxifen").n == 246
    assert np.unique(sample.time).size < np.unique(data.time).size
    again = data.bootstrap(np.random.default_rng(3))
    np.testing.assert_array_equal(sample.time, again.time)


def test_two_endpoints_share_a_resample_of_patients(gbsg2):
    pfs, os = gbsg2("rfs"), gbsg2("os")
    index = bootstrap_index(pfs.n, np.random.default_rng(5), group=pfs.group)
    gap = os.time - pfs.time
    np.testing.assert_array_equal(os.take(index).time - pfs.take(index).time, gap[index])
    assert set(index.tolist()) <= set(range(686))


def test_bootstrap_index_without_groups_draws_every_row_equally_often():
    rng = np.random.default_rng(1)
    counts = sum(np.bincount(bootstrap_index(5, rng), minlength=5) for _ in range(20_000))
    # Each of 100 000 draws falls on a row with probability 1/5: standard deviation 126.
    assert np.abs(counts - 20_000).max() < 5 * 126


def test_bootstrap_index_refuses():
    rng = np.random.default_rng(1)
    with pytest.raises(DataError, match="nobody to resample"):
        bootstrap_index(0, rng)
    with pytest.raises(DataError, match="patients 3, group 2"):
        bootstrap_index(3, rng, group=["a", "b"])


def test_concatenate(frame):
    first = read(frame, upper="seen_by", group="arm", covariates=["age"])
    second = SurvivalData.from_arrays(
        [1.0, 2.0], event=[1, 0], group=["x", "x"], covariates={"age": [1, 2]}
    )
    both = SurvivalData.concatenate([first, second])
    assert both.groups == ("new", "old", "x")
    assert both.upper.tolist() == [1.0, np.inf, 0.75, 1.5, 1.0, np.inf]
    assert both.covariates["age"].tolist() == [60, 71, 58, 66, 1, 2]
    with pytest.raises(DataError, match="groups in some data sets only.*found new/old, none"):
        SurvivalData.concatenate([first, read(frame, covariates=["age"])])
    with pytest.raises(DataError, match="different covariates; expected age; found none"):
        SurvivalData.concatenate([first, read(frame, group="arm")])
    with pytest.raises(DataError, match="nothing to put together"):
        SurvivalData.concatenate([])


def test_events_are_asked_for_when_they_are_needed():
    censored = SurvivalData.from_arrays([1.0, 2.0], event=[0, 0], group=["new", "new"])
    assert censored.n_events == 0
    with pytest.raises(DataError, match=r"no events for a fit \(group new\).*2 patients, all cens"):
        censored.require_events(purpose="a fit")
    single = SurvivalData.from_arrays([1.0, 2.0], event=[1, 0])
    with pytest.warns(PrioriteringWarning, match="1 event only among 2 patients for a fit"):
        single.require_events(purpose="a fit")
    SurvivalData.from_arrays([1.0, 2.0], event=[1, 1]).require_events(purpose="a fit")


def test_an_event_of_weight_zero_is_none():
    data = SurvivalData.from_arrays([1.0, 2.0], event=[1, 0], weight=[0.0, 1.0])
    assert data.n_events == 0


def test_to_frame_and_pickle(frame):
    data = read(frame, upper="seen_by", group="arm", covariates=["age"])
    assert list(data.to_frame()) == ["entry", "time", "event", "upper", "weight", "group", "age"]
    assert list(read(frame).to_frame()) == ["entry", "time", "event", "weight"]
    again = pickle.loads(pickle.dumps(data))
    pd.testing.assert_frame_equal(again.to_frame(), data.to_frame())


def test_nobody_changes_the_data_also_after_a_pickle_or_copy(frame):
    data = read(frame, upper="seen_by", group="arm", covariates=["age"])
    assert_frozen(data)
    for same in (data, pickle.loads(pickle.dumps(data)), copy.deepcopy(data), data.take([1, 2])):
        assert_frozen(same)
        with pytest.raises(TypeError, match="does not support item assignment"):
            same.covariates["x"] = None
