"""The impact inventory of figure 4.1 and the scenarios of figure 7.4, Meld. St. 21 (2024-2025)."""

import pytest

from prioritering.errors import UnknownNameError
from prioritering.guidelines import guideline

# Figure 4.1: counted in the health-service, societal and extended perspective.
FIGURE_4_1 = {
    "patient_qalys": (True, True, True),
    "indirect_protection": (True, True, True),
    "other_health_gains": (True, True, True),
    "intervention_cost": (True, True, True),
    "related_care_cost": (True, True, True),
    "unrelated_care_cost": (True, True, False),
    "informal_care": (False, True, True),
    "private_care": (False, True, False),
    "patient_time": (False, True, True),
    "transport": (False, True, True),
    "paid_production": (False, True, False),
    "unpaid_production": (False, True, False),
    "transfers": (False, False, False),
    "other_sectors": (False, True, False),
}


@pytest.fixture(scope="module")
def rules():
    return guideline("no", as_of="2026-11-01")


def test_impact_inventory(rules):
    perspective = rules.perspective
    assert {c.key: (c.health_service, c.society, c.extended) for c in perspective.consequences} == (
        FIGURE_4_1
    )
    assert perspective.default == "extended"
    assert perspective.name.no == "utvidet helsetjenesteperspektiv"
    assert perspective.counts("transport")
    assert not perspective.counts("transport", view="health_service")
    assert [level.key for level in perspective.service_levels] == ["specialist", "municipal"]
    assert len(perspective.societal_analysis_for) == 3


def test_carers_gains_stand_in_an_analysis_of_their_own(rules):
    separate = {c.key: c.separate_analysis for c in rules.perspective.consequences}
    assert separate.pop("patient_qalys").in_language("no").startswith("pårørendes")
    assert set(separate.values()) == {None}


def test_inventory_as_a_frame(rules):
    frame = rules.perspective.to_frame(language="no").set_index("key")
    assert list(frame.index) == list(FIGURE_4_1)
    assert tuple(frame.loc["informal_care", ["health_service", "society", "extended"]]) == (
        False,
        True,
        True,
    )
    assert frame.loc["transfers", "consequence"] == "overføringer (sykepenger, pensjoner)"
    assert frame.loc["patient_qalys", "separate_analysis"] == "pårørendes kvalitetsjusterte leveår"


def test_unknown_consequence_and_view(rules):
    with pytest.raises(UnknownNameError, match="Did you mean 'transport'"):
        rules.perspective.counts("transports")
    with pytest.raises(UnknownNameError, match="perspective 'extnded'.*Did you mean 'extended'"):
        rules.perspective.counts("transport", view="extnded")


@pytest.mark.parametrize(
    ("documentation", "decision", "below", "key", "status"),
    [
        ("high", "low", True, "scenario_1", "law"),
        ("high", "low", False, "scenario_3", "law"),
        ("low", "high", True, "scenario_2", "law"),
        ("low", "high", False, "scenario_2", "law"),
        ("low", "low", True, "both_low", "choice"),
        ("low", "low", False, "both_low", "choice"),
        ("high", "high", True, "both_high", "choice"),
        ("high", "high", False, "both_high", "choice"),
    ],
)
def test_every_combination_has_its_reading(rules, documentation, decision, below, key, status):
    found = rules.uncertainty.read(documentation=documentation, decision=decision, below=below)
    assert (found.key, found.status) == (key, status)
    assert (found.scenario is None) == (status == "choice")
    assert found.name.en
    assert found.name.no
    assert found.reading.en != found.reading.no


def test_cut_offs_are_the_packages_choice_and_can_be_moved(rules):
    assert rules.uncertainty.documentation_width_high == 1.0
    assert rules.uncertainty.decision_error_high == 0.20
    assert rules.rules["decision_uncertainty"].status == "choice"
    assert "95 %" in rules.uncertainty.documentation_width_text.en
    from dataclasses import replace

    stricter = rules.with_rule(
        "decision_uncertainty",
        replace(rules.uncertainty, decision_error_high=0.1),
        source="stricter cut-off",
    )
    assert stricter.uncertainty.decision_error_high == 0.1
    assert rules.uncertainty.decision_error_high == 0.20


def test_conclusions_of_the_three_scenarios(rules):
    reading = {r.scenario: r.reading.en for r in rules.uncertainty.readings if r.scenario}
    assert reading == {
        1: "can be adopted",
        2: "conditional adoption possible",
        3: "should not be adopted",
    }
