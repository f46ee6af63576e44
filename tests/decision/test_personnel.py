"""Staff hours against hand calculation and the budget's own flow of patients."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from prioritering.decision.budget.impact import budget_impact
from prioritering.decision.budget.patients import Patients
from prioritering.decision.budget.personnel import personnel
from prioritering.decision.budget.staff import StaffTime, WorkingYear
from prioritering.errors import GuidelineError, ResultError, UnknownNameError
from prioritering.guidelines import guideline
from prioritering.outcomes import Outcomes
from prioritering.yearly import YearlyOutcomes

NURSE = StaffTime("nurse", level="specialist", hours=1.5, source="time study")
PHARMACIST = StaffTime("pharmacist", level="specialist", hours=0.5, source="time study")
DOCTOR = StaffTime("doctor", level="municipal", hours=0.25, source="assumption")
HOME_NURSE = StaffTime("nurse", level="municipal", hours=1.0, source="assumption")
STAFF = {"infusions": [NURSE, PHARMACIST], "visits": [DOCTOR, HOME_NURSE]}
USE = {
    "infusions": [[[0.0, 0.0]], [[12.0, 6.0]]],
    "visits": [[[4.0, 2.0]], [[2.0, 1.0]]],
    "scans": [[[1.0, 1.0]], [[2.0, 2.0]]],
}


@pytest.fixture(scope="module")
def yearly():
    return YearlyOutcomes.from_arrays(
        ["old", "new"], cost={"drug": [[[0.0, 0.0]], [[1.0, 1.0]]]}, resource_use=USE
    )


@pytest.fixture
def build(yearly, rules):
    def call(run=yearly, **changes):
        settings = {
            "staff": STAFF,
            "reference": "old",
            "option": "new",
            "rules": rules,
            "no_staff": ["scans"],
        }
        return personnel(run, **{**settings, **changes})

    return call


def test_hours_per_patient_by_hand(build):
    found = build()
    assert [(g.profession, g.level) for g in found.staff] == [
        ("nurse", "specialist"),
        ("pharmacist", "specialist"),
        ("doctor", "municipal"),
        ("nurse", "municipal"),
    ]
    assert found.per_patient[:, :, 0].tolist() == [[0, 27], [0, 9], [1.5, 0.75], [6, 3]]
    assert found.patient_means(3)["net"].value == -3.0
    assert found.horizon == 2


def test_hours_by_calendar_year_by_hand(build):
    found = build(patients=Patients(incidence=10, uptake=0.5), years=2, first_year=2027)
    assert found.hours("with")[0, 0].tolist() == [5 * 18, 5 * 27]
    assert found.hours("without")[3, 0].tolist() == [40, 60]
    assert found.hours("net")[3, 0].tolist() == [-10, -15]
    assert found.years == (2027, 2028)
    assert [m.value for m in found.means("net")] == [
        pytest.approx(found.hours("net")[:, 0, k].sum()) for k in range(2)
    ]


@given(st.integers(0, 2**32 - 1), st.sampled_from(["start_of_year", "through_the_year"]))
def test_hours_follow_the_flow_of_the_budget(seed, entry):
    """A staff hour that costs 1 is the budget's own cost."""
    rng = np.random.default_rng(seed)
    use = rng.random((2, 30, 4))
    run = YearlyOutcomes.from_arrays(["old", "new"], cost={"x": use}, resource_use={"x": use})
    hour = StaffTime("nurse", level="specialist", hours=1.0, source="a test")
    rules = guideline("no", as_of="2026-11-01")
    patients = Patients(incidence=rng.random((30, 4)), prevalence=3, uptake=rng.random(4))
    same = {
        "reference": "old",
        "option": "new",
        "rules": rules,
        "patients": patients,
        "years": 4,
        "entry": entry,
    }
    hours = personnel(run, staff={"x": [hour]}, **same)
    costs = budget_impact(run, groups={"x": "service"}, **same)
    for world in ("with", "without", "net"):
        np.testing.assert_allclose(
            hours.hours(world)[0], costs.amounts(world), rtol=1e-12, atol=1e-12
        )


def test_uncertain_hours_follow_the_draws(rules):
    rng = np.random.default_rng(1)
    use, hours = rng.random((2, 40)), rng.gamma(10, 0.1, 40)
    run = Outcomes.from_arrays(["old", "new"], cost=use, qaly=use, resource_use={"x": use})
    time = StaffTime("nurse", level="specialist", hours=hours, source="a test")
    found = personnel(run, staff={"x": [time]}, reference="old", option="new", rules=rules)
    net = hours * (use[1] - use[0])
    mean = found.patient_means(0)["net"]
    assert mean.value == pytest.approx(net.mean(), rel=1e-12)
    assert mean.se == pytest.approx(net.std(ddof=1) / np.sqrt(40), rel=1e-12)
    assert found.horizon is None
    assert found.n_draws == 40


def test_full_time_equivalents_only_with_a_working_year(build):
    patients = Patients(incidence=1000, uptake=1.0)
    plain = build(patients=patients, years=2).table()
    assert not any("full-time" in row for row in plain.index)
    year = WorkingYear(1_800, source="agreement X")
    found = build(patients=patients, years=2, working_year=year).table()
    assert found.loc["nurse, specialist health service: net, full-time equivalents"].tolist() == [
        "10.00",
        "15.00",
    ]
    assert "1,800 hours a year (agreement X)" in " ".join(found.attrs["notes"])


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"no_staff": ()}, ResultError, r"resources without staff time.*found 'scans'.*no_staff"),
        ({"no_staff": ["scan"]}, UnknownNameError, r"unknown resource 'scan'.*'scans'"),
        ({"no_staff": ["scans", "visits"]}, ResultError, r"with and without staff.*visits"),
        ({"staff": {**STAFF, "tests": [NURSE]}}, UnknownNameError, r"unknown resource 'tests'"),
        (
            {"staff": {}, "no_staff": ["scans", "visits", "infusions"]},
            ResultError,
            r"no staff time at all",
        ),
        (
            {"staff": {**STAFF, "visits": []}},
            ResultError,
            r"no staff time of a resource \(resource 'visits'\).*found \[\].*no_staff",
        ),
        (
            {"staff": {**STAFF, "visits": DOCTOR}},
            ResultError,
            r"no staff time of a resource \(resource 'visits'\).*a list of StaffTime",
        ),
        (
            {"staff": {**STAFF, "visits": [DOCTOR, DOCTOR]}},
            ResultError,
            r"a staff time counted twice \(resource 'visits'\)",
        ),
        ({"patients": 7, "years": 2}, ResultError, r"patients of the wrong kind.*found int"),
        ({"option": "newer"}, UnknownNameError, r"unknown option 'newer'"),
        (
            {"patients": Patients(incidence=1, uptake=1), "years": 3},
            ResultError,
            r"more calendar years than the yearly outcomes hold",
        ),
        (
            {"patients": Patients(incidence=1, uptake=1), "years": 2, "entry": "late"},
            UnknownNameError,
            r"unknown entry 'late'",
        ),
    ],
)
def test_bad_input_is_refused(build, changes, kind, message):
    with pytest.raises(kind, match=message):
        build(**changes)


def test_an_unknown_level_is_refused(build):
    lost = StaffTime("nurse", level="regional", hours=1, source="x")
    with pytest.raises(UnknownNameError, match=r"level of care or payer 'regional'.*'specialist'"):
        build(staff={"infusions": [lost], "visits": [NURSE]})


def test_levels_need_a_guideline_in_force(build):
    with pytest.raises(GuidelineError, match=r"no rule on 'perspective' in force on 2020-01-01"):
        build(rules=guideline("no", as_of="2020-01-01"))


def test_hours_of_other_draws_are_refused(build):
    three = StaffTime("nurse", level="specialist", hours=[1, 2, 3], source="x")
    with pytest.raises(ResultError, match=r"different draws \(resource 'visits'.*found 3"):
        build(staff={"infusions": [NURSE], "visits": [three]})


def test_calendar_years_need_a_run_by_year(rules, build):
    run = Outcomes.from_arrays(
        ["old", "new"], cost=[[1], [2]], qaly=[[1], [2]], resource_use={"visits": [[1], [2]]}
    )
    given = {"staff": {"visits": [NURSE]}, "no_staff": ()}
    with pytest.raises(ResultError, match=r"need resource use by year.*YearlyOutcomes"):
        build(run, **given, patients=Patients(incidence=1, uptake=1))
    with pytest.raises(ResultError, match=r"no hours by calendar year.*patients"):
        build(run, **given).hours("net")


def test_a_run_without_resources_is_refused(build):
    run = Outcomes.from_arrays(["old", "new"], cost=[[1], [2]], qaly=[[1], [2]])
    with pytest.raises(ResultError, match=r"the run counts no resources.*natural units"):
        build(run)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hours": -1}, r"staff hours out of range \(profession 'nurse'\)"),
        ({"hours": np.nan}, r"staff hours out of range"),
        ({"hours": "long"}, r"staff hours is not numbers.*'long'"),
        ({"hours": []}, r"staff hours out of range"),
        ({"source": ""}, r"staff time without a source"),
    ],
)
def test_bad_staff_time_is_refused(settings, message):
    with pytest.raises(ResultError, match=message):
        StaffTime("nurse", **{"level": "specialist", "hours": 1, "source": "x", **settings})


def test_bad_names_and_working_years_are_refused():
    with pytest.raises(ResultError, match=r"without a profession"):
        StaffTime(" ", level="specialist", hours=1, source="x")
    with pytest.raises(ResultError, match=r"working year out of range.*found 0"):
        WorkingYear(0, source="x")
    with pytest.raises(ResultError, match=r"working year out of range.*found '1700'"):
        WorkingYear("1700", source="x")
    with pytest.raises(ResultError, match=r"without a source"):
        WorkingYear(1_700, source="")


def test_results_survive_pickle(build):
    found = build(patients=Patients(incidence=10, uptake=0.5), years=2)
    again = pickle.loads(pickle.dumps((found, NURSE)))
    assert repr(again[0]) == repr(found)
    for array in (again[0].with_decision, again[1].hours):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 1.0


@pytest.mark.parametrize("language", ["en", "no"])
@pytest.mark.parametrize("draws", [1, 60])
@pytest.mark.parametrize("by_year", [False, True])
def test_table_and_figure(build, language, draws, by_year):
    rng = np.random.default_rng(3)
    use = {k: np.asarray(v) * rng.gamma(50, 0.02, (1, draws, 1)) for k, v in USE.items()}
    cost = {"drug": np.ones((2, draws, 2))}
    run = YearlyOutcomes.from_arrays(["old", "new"], cost=cost, resource_use=use)
    patients = {"patients": Patients(incidence=10, uptake=1.0), "years": 2} if by_year else {}
    found = build(run, **patients)
    table = found.table(language)
    assert table.shape == ((12, 2) if by_year else (4, 3))
    assert found.patient_table(language).shape == (4, 3)
    notes = " ".join(table.attrs["notes"])
    assert "time study" in notes
    assert "scans" in notes
    assert found._repr_html_().count("<table") == 1
    frame = found.to_frame()
    assert len(frame) == 12 + by_year * 24
    ax = Figure().subplots()
    assert found.plot(ax, language=language) is ax
    assert len(ax.patches) == (24 if by_year else 8)
