"""What the authority limit counts is the guideline's, and value-added tax must fit it."""

import warnings

import pytest

from prioritering.decision import Patients, budget_impact
from prioritering.errors import PrioriteringWarning
from prioritering.yearly import YearlyOutcomes

RUN = YearlyOutcomes.from_arrays(
    ["old", "new"],
    cost={"drug": [[[0.0]], [[6e5]]], "hospital": [[[0.0]], [[5e5]]]},
)


def budget(rules, **changes):
    given = {"reference": "old", "patients": Patients(incidence=100, uptake=1.0), "years": 1}
    groups = {"drug": "drug", "hospital": "service"}
    return budget_impact(RUN, groups=groups, rules=rules, **{**given, **changes})


def limit(rules, **changes):
    value = {"nok": 1e8, "first_years": 5, "counts": ["drug"], "vat": "included", **changes}
    return rules.with_rule("authority_limit", value, source="a test")


def test_groups_come_from_the_rule_unless_they_are_named(rules):
    """60 million of drugs are within 100 million; with 50 million of hospital they are not."""
    assert budget(rules).limit.groups == ("drug",)
    assert budget(rules).limit.passed_in is None
    both = limit(rules, counts=["service", "drug"])
    assert budget(both).limit.groups == ("drug", "service")
    assert budget(both).limit.passed_in == 1
    assert budget(both, limit_on="drug").limit.passed_in is None


@pytest.mark.parametrize(
    ("counted", "given", "words"),
    [
        ("included", "excluded", {"en": "understated", "no": "for lav"}),
        ("excluded", "included", {"en": "overstated", "no": "for høy"}),
    ],
)
def test_value_added_tax_that_does_not_fit_the_limit_is_said(rules, counted, given, words):
    with pytest.warns(PrioriteringWarning, match=f"tax {given}, while.*with it {counted}"):
        found = budget(limit(rules, vat=counted), vat=given)
    assert found.limit.vat == counted
    for language, word in words.items():
        assert word in " ".join(found.table(language).attrs["notes"])


@pytest.mark.parametrize("vat", ["included", None])
def test_value_added_tax_that_fits_or_is_not_stated_is_no_warning(rules, vat):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = budget(rules, vat=vat)
    assert "understated" not in " ".join(found.table().attrs["notes"])
