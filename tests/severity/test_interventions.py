"""Prevention counted both ways, and the norms of both regimes."""

import pickle

import numpy as np
import pytest

from prioritering.errors import DataError, GuidelineError, ResultError, UnknownNameError
from prioritering.guidelines import guideline
from prioritering.severity import (
    absolute_shortfall,
    discounted_population_qalys,
    population_qalys,
    population_qalys_near,
    severity_of_prevention,
)


def prevention(rules, prognosis=10.8, **changes):
    arguments = {
        "method": "those who fall ill",
        "age_at_onset": 61,
        "age_at_measure": 50,
        "risk": 0.05,
        **changes,
    }
    return severity_of_prevention(prognosis, rules=rules, **arguments)


def test_both_ways_by_hand(rules):
    """At onset 20.8 - 10.8 = 10; averaged over those reached 5 % of it."""
    found = prevention(rules, [10.8, 8.8])
    np.testing.assert_allclose(found.those_who_fall_ill.shortfall, [10.0, 12.0], rtol=1e-14)
    np.testing.assert_allclose(found.everybody_reached.shortfall, [0.5, 0.6], rtol=1e-12)
    assert found.everybody_reached.population.age == 50
    assert found.status == "choice"
    assert found.chosen is found.those_who_fall_ill
    other = prevention(rules, method="everybody reached")
    assert other.chosen is other.everybody_reached
    assert (found.chosen.expected.severity_class, other.chosen.expected.severity_class) == (3, 1)


def test_certain_disease_at_once_is_treatment(rules):
    found = prevention(rules, age_at_measure=61, risk=1.0)
    plain = absolute_shortfall(10.8, age=61, rules=rules).expected
    assert found.those_who_fall_ill.expected == plain
    assert found.everybody_reached.expected.shortfall == pytest.approx(plain.shortfall, rel=1e-13)


@pytest.mark.parametrize("risk", [0.0, -0.1, 1.1, np.nan, "5 %"])
def test_bad_risk(rules, risk):
    with pytest.raises(ResultError, match="risk of disease is no probability"):
        prevention(rules, risk=risk)


def test_bad_input(rules):
    with pytest.raises(UnknownNameError, match="way to count severity 'averaged'"):
        prevention(rules, method="averaged")
    with pytest.raises(ResultError, match="after the disease; .*at most 61; found 70"):
        prevention(rules, age_at_measure=70)
    with pytest.raises(DataError, match="found 91"):
        prevention(rules, age_at_onset=91)
    with pytest.raises(ResultError, match="cannot be remaining QALYs"):
        prevention(rules, np.nan)


def test_views(rules):
    found = prevention(rules)
    assert found.to_frame()["chosen"].tolist() == [True, False]
    assert "No rule" in " ".join(found.table().attrs["notes"])
    assert "De som blir syke" in found.table("no").to_string()
    assert "a choice" in repr(found)
    assert "<table" in found._repr_html_()
    assert pickle.loads(pickle.dumps(found)).risk == 0.05


def test_printed_table_is_given_back_at_every_age(rules):
    table = rules.remaining_qalys
    assert table.age.tolist() == list(range(40, 91))
    for age, value in zip(table.age.tolist(), table.qalys.tolist(), strict=True):
        assert population_qalys(age, rules=rules).value == value


def test_the_norm_in_force_follows_the_date():
    before, after = (guideline("no", as_of=d) for d in ("2025-08-31", "2025-09-01"))
    old = population_qalys(61, rules=before, method="computed")
    new = population_qalys(61, rules=after, method="computed")
    assert "single technology assessment" in old.source
    assert "severity calculation" in new.source
    assert new.value > old.value  # 0.885 against 0.80 at 61
    assert population_qalys(30, rules=before, method="computed").value > old.value
    with pytest.raises(GuidelineError, match="no rule on 'remaining_qalys'.*2025-09-01"):
        population_qalys(61, rules=before)
    with pytest.raises(
        DataError, match=r"no norm at age 30.*NormTable\.from_bands.*extended_below"
    ):
        population_qalys(30, rules=after, method="computed")


def test_a_date_before_the_first_rule():
    with pytest.raises(GuidelineError, match="no rules known for 2010-01-01"):
        guideline("no", as_of="2010-01-01")
    with pytest.raises(GuidelineError, match=r"no rule on 'norm'.*a day from 2018-05-01"):
        _ = guideline("no", as_of="2018-02-01").norm
    with pytest.raises(GuidelineError, match=r"no rule on 'life_table'.*a day from 2020-01-01"):
        population_qalys(61, rules=guideline("no", as_of="2018-06-01"), method="computed")


def test_nearest_whole_year_is_said(rules):
    assert population_qalys_near(61, rules=rules) == population_qalys(61, rules=rules)
    for age, whole in ((60.5, 61), (61.49, 61), (61.5, 62)):
        found = population_qalys_near(age, rules=rules)
        assert found.value == population_qalys(whole, rules=rules).value
        assert (found.age, found.assumptions[-1].endswith(f", {whole}")) == (age, True)
    exact = population_qalys_near(60.5, rules=rules, method="computed")
    assert exact == population_qalys(60.5, rules=rules, method="computed")


@pytest.mark.parametrize("age", [40, 61, 61.25])
def test_discounted_population_by_a_loop(rules, age):
    table, norm, rate = rules.life_table, rules.norm, 0.035
    whole = int(age)
    alive = dict(enumerate(table.survivors, start=table.first_age))
    now = alive[whole] - (age - whole) * (alive[whole] - alive[whole + 1])
    total, clock, at = 0.0, 0.0, now
    for year in range(whole, table.last_age + 1):
        length = 1.0 - (age - whole) if year == whole else 1.0
        lived = length * (at + alive[year + 1]) / 2 * float(norm.at(year)) / now
        total += lived / (1 + rate) ** (clock + length / 2)
        clock, at = clock + length, alive[year + 1]
    found = discounted_population_qalys(age, rules=rules, rate=rate)
    assert found == pytest.approx(total, rel=1e-12)


def test_undiscounted_at_rate_zero(rules):
    plain = population_qalys(61, rules=rules, method="computed").value
    found = discounted_population_qalys(61, rules=rules, rate=0.0)
    assert found == pytest.approx(plain, rel=1e-14)
    for rate in (-0.01, np.nan):
        with pytest.raises(ResultError, match="not a discount rate"):
            discounted_population_qalys(61, rules=rules, rate=rate)
    with pytest.raises(ResultError, match="not an age"):
        discounted_population_qalys(-1, rules=rules, rate=0.03)
