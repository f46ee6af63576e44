"""Parameters of a case that are fitted to the patients of a CSV."""

import numpy as np
import pytest

from prioritering.dossier import build_case, find_case, load_case
from prioritering.errors import CaseError, DataError, PrioriteringError, UnknownNameError

FIT = 'rows = { strategy = "no tamoxifen" }'


@pytest.fixture
def changed(tmp_path):
    """Parameters of the breast-cancer case after replacing text of its case file or patients."""
    example = find_case("gbsg2-tamoxifen")

    def build(old="", new="", patients=None):
        text = (example / "case.toml").read_text(encoding="utf-8")
        assert old in text
        (tmp_path / "case.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
        rows = patients or (example / "patients.csv").read_text(encoding="utf-8")
        (tmp_path / "patients.csv").write_text(rows, encoding="utf-8")
        return build_case(load_case(tmp_path)).parameters

    return build


def test_time_units_are_converted_to_years(changed):
    days = changed()["rfs_control"].distribution
    weeks = changed('time_unit = "days"', 'time_unit = "weeks"')["rfs_control"].distribution
    assert weeks.means[0] - days.means[0] == pytest.approx(np.log(7), rel=1e-8)
    assert weeks.means[1] == pytest.approx(days.means[1], rel=1e-8)


def test_a_family_of_one_coefficient_is_normal(changed):
    family = ('family = "lognormal"\nunit', 'family = "exponential"\nunit')
    with pytest.raises(PrioriteringError, match="meanlog"):
        changed(*family)


@pytest.mark.parametrize(
    ("old", "new", "kind", "message"),
    [
        (FIT, 'rows = { strateg = "no" }', UnknownNameError, "Did you mean 'strategy'"),
        (FIT, 'rows = { strategy = "none" }', CaseError, "strategy = 'none'; found none among 686"),
        ('event = "recurrence"', 'event = "grade"', DataError, "event"),
        ('time = "recurrence_free_days"', 'time = "age_at"', UnknownNameError, "column 'age_at'"),
        ('time = "recurrence_free_days"', 'time = "strategy"', CaseError, "not a finite number"),
        ('csv = "patients.csv"', 'csv = "../patients.csv"', CaseError, "leaves the case folder"),
        ('family = "lognormal"\nunit', 'family = "lognorm"\nunit', CaseError, "lognormal"),
    ],
)
def test_what_cannot_be_fitted_says_where(changed, old, new, kind, message):
    with pytest.raises(kind, match=message):
        changed(old, new)


def test_patients_without_events_cannot_be_fitted(changed):
    header = "patient,strategy,recurrence_free_days,recurrence,survival_days,death"
    rows = [f"{i},no tamoxifen,{100 + i},0,{200 + i},0" for i in range(20)]
    with pytest.raises(DataError, match="no events.*parameters.rfs_control"):
        changed(patients="\n".join([header, *rows]))
