import pickle
from datetime import date, datetime

import numpy as np
import pytest

from prioritering.conventions import Discounting
from prioritering.data import LifeTable, NormTable, Source, load_table
from prioritering.errors import GuidelineError, UnknownNameError
from prioritering.guidelines import guideline
from prioritering.guidelines.topics import TOPICS

LIMIT = {"nok": 1e8, "first_years": 5, "counts": ["drug"], "vat": "included"}


@pytest.fixture(scope="module")
def rules():
    return guideline("no", as_of="2026-11-01")


def test_discount_factors_by_closed_form(rules):
    years = np.array([0, 1, 39.5, 40, 60, 75, 100])
    early, middle, late = np.minimum(years, 40), np.clip(years - 40, 0, 35), years - 75
    expected = 1 / (1.04**early * 1.03**middle * 1.02 ** np.maximum(late, 0))
    np.testing.assert_allclose(rules.discounting.factor(years), expected, rtol=1e-14)
    # Rundskriv R-109: the factors at 40 and 75 years to six decimals.
    np.testing.assert_allclose(rules.discounting.factor([40, 75]), [0.208289, 0.074022], atol=5e-7)
    assert rules.rules["discounting"].value.scenario_flat_rate == 0.04


def test_values_in_force_today(rules):
    assert rules.opportunity_cost == 275_000
    assert rules.authority_limit == 100_000_000
    limit = rules.rules["authority_limit"].value
    assert (limit.first_years, limit.counts, limit.vat) == (5, ("drug",), "included")
    assert "second-hand" in rules.rules["authority_limit"].note
    groups = rules.small_groups
    assert (groups.patients_per_100_000_worldwide, groups.patients_in_country) == (1, 50)
    assert (groups.absolute_shortfall, groups.expected_gain) == (30, 2)
    assert rules.norm.name == "no_norm_2025"
    assert rules.value_set.name == "norway_5l"
    assert rules.remaining_qalys.name == "no_remaining_qalys_2025"
    assert rules.life_table.name == "no_life_table_2025"
    assert rules.life_table.sex == "pooled"
    assert {sex: t.sex for sex, t in rules.life_tables.items()} == {
        sex: sex for sex in ("male", "female", "pooled")
    }
    assert rules.prices.name == "no_consumer_prices"
    assert rules.pending == ()
    assert set(rules.rules) == set(TOPICS)


def test_status_is_honest(rules):
    assert {t: r.status for t, r in rules.rules.items()} == {
        "discounting": "secondary",
        "severity": "secondary",
        "opportunity_cost": "law",
        "perspective": "law",
        "small_groups": "law",
        "authority_limit": "law",
        "norm": "secondary",
        "value_set": "law",
        "remaining_qalys": "secondary",
        "life_table": "choice",
        "prices": "choice",
        "decision_uncertainty": "choice",
        "documentation_judgement": "choice",
        "publication": "choice",
        "terms": "choice",
    }
    assert rules.second_hand == ("discounting", "severity", "norm", "remaining_qalys")
    assert all(rule.source.read for rule in rules.rules.values())


@pytest.mark.parametrize(
    ("day", "norm", "value_set"),
    [
        ("2018-05-01", "no_norm_2018", "uk_3l"),
        ("2025-08-31", "no_norm_2018", "uk_3l"),
        ("2025-09-01", "no_norm_2025", "norway_5l"),
    ],
)
def test_norm_and_value_set_change_together(day, norm, value_set):
    rules = guideline("no", as_of=day)
    assert (rules.norm.name, rules.value_set.name) == (norm, value_set)


@pytest.mark.parametrize(("day", "status"), [("2025-06-03", "secondary"), ("2025-06-04", "law")])
def test_the_white_paper_confirms_the_opportunity_cost(day, status):
    rules = guideline("no", as_of=day)
    assert rules.opportunity_cost == 275_000
    assert rules.rules["opportunity_cost"].status == status


def test_a_topic_before_its_time_names_the_first_date():
    rules = guideline("no", as_of="2025-08-31")
    with pytest.raises(
        GuidelineError,
        match=r"'remaining_qalys' in force on 2025-08-31.*from 2025-09-01.*with_rule",
    ):
        _ = rules.remaining_qalys
    assert "remaining_qalys" not in rules.rules
    assert dict(rules.pending) == {"remaining_qalys": date(2025, 9, 1)}
    assert guideline("no", as_of="2025-09-01").remaining_qalys.at(61) == 20.8


def test_every_topic_is_an_error_before_it_and_not_after():
    first = guideline("no", as_of="2018-01-01")
    assert set(first.rules) | {t for t, _ in first.pending} == set(TOPICS)
    for topic, day in first.pending:
        with pytest.raises(GuidelineError, match=str(day)):
            _ = first.rules[topic]
        assert topic in guideline("no", as_of=day).rules


def test_a_day_before_every_rule():
    with pytest.raises(GuidelineError, match=r"no rules known for 2017-12-31.*2018-01-01"):
        guideline("no", as_of="2017-12-31")


@pytest.mark.parametrize("bad", ["1 November 2026", "2026-13-01", None, 2026])
def test_as_of_must_be_a_date(bad):
    with pytest.raises(GuidelineError, match=r"as_of is not a date.*'2026-11-01'"):
        guideline("no", as_of=bad)


def test_unknown_country_topic_term_and_sex(rules):
    with pytest.raises(UnknownNameError, match=r"guideline country 'sweden'.*'no'"):
        guideline("sweden", as_of="2026-11-01")
    with pytest.raises(UnknownNameError, match="Did you mean 'severity'"):
        _ = rules.rules["sverity"]
    with pytest.raises(UnknownNameError, match="Did you mean 'absolute_shortfall'"):
        rules.term("absolut_shortfall")
    with pytest.raises(UnknownNameError, match="language 'sv'"):
        rules.term("icer", language="sv")
    with pytest.raises(UnknownNameError, match="unknown sex 'men'"):
        _ = rules.life_tables["men"]


def test_dates_come_in_three_forms(rules):
    for day in (date(2026, 11, 1), datetime(2026, 11, 1, 23, 59)):
        assert guideline("no", as_of=day).hash == rules.hash
    assert rules.id == "no@2026-11-01"


def test_hash_follows_the_rules_and_not_the_day(rules):
    assert guideline("no", as_of="2026-01-01").hash == rules.hash
    assert len(rules.hash) == 64
    days = ["2018-01-01", "2025-06-03", "2025-06-04", "2025-09-01", "2026-01-01"]
    assert len({guideline("no", as_of=d).hash for d in days}) == len(days)


def test_loading_reads_no_table():
    load_table.cache_clear()
    guideline("no", as_of="2026-03-17")
    assert load_table.cache_info().currsize == 0


@pytest.mark.parametrize(
    ("key", "en", "no"),
    [
        ("absolute_shortfall", "absolute shortfall", "absolutt prognosetap"),
        ("severity", "severity", "alvorlighet"),
        ("benefit", "benefit", "nytte"),
        ("resource_use", "resource use", "ressursbruk"),
        ("willingness_to_pay", "willingness to pay", "betalingsvilje"),
        ("incremental_cost", "incremental cost", "merkostnad"),
        ("icer", "ICER", "IKER"),
        ("opportunity_cost", "opportunity cost", "alternativkostnad"),
        ("decision_uncertainty", "decision uncertainty", "beslutningsusikkerhet"),
        ("documentation_uncertainty", "documentation uncertainty", "dokumentasjonsusikkerhet"),
        ("conditional_adoption", "conditional adoption", "betinget innføring"),
        ("health_technology_assessment", "health technology assessment", "metodevurdering"),
        ("submission_dossier", "submission dossier", "dokumentasjonspakke"),
        ("budget_impact", "budget impact", "budsjettvirkning"),
        ("authority_limit", "authority limit", "fullmaktsgrense"),
        ("unit_cost", "unit cost", "enhetskostnad"),
        ("discount_rate", "discount rate", "kalkulasjonsrente"),
        ("utility_weight", "utility weight", "nyttevekt"),
        ("very_small_patient_group", "very small patient group", "særskilt liten pasientgruppe"),
        ("maximum_price", "maximum pharmacy retail price", "maksimalpris (maks AUP)"),
        ("carers", "carers", "pårørende"),
        ("personnel_consequences", "personnel consequences", "personellkonsekvenser"),
        (
            "extended_health_service_perspective",
            "extended health-service perspective",
            "utvidet helsetjenesteperspektiv",
        ),
    ],
)
def test_official_words(rules, key, en, no):
    assert rules.term(key) == en
    assert rules.term(key, language="no") == no


def test_a_changed_rule_is_on_the_record(rules):
    changed = rules.with_rule("opportunity_cost", 350_000, source="scenario of the analyst")
    rule = changed.rules["opportunity_cost"]
    assert changed.opportunity_cost == 350_000
    assert (rule.status, rule.in_force_from) == ("user", date(2026, 11, 1))
    assert changed.sources["opportunity_cost"].document == "scenario of the analyst"
    assert changed.id == "no@2026-11-01+opportunity_cost"
    assert changed.hash != rules.hash
    assert (rules.opportunity_cost, rules.id) == (275_000, "no@2026-11-01")
    again = changed.with_rule("norm", "no_norm_2018", source="x").with_rule(
        "opportunity_cost", 275_000, source="y"
    )
    assert again.id == "no@2026-11-01+norm+opportunity_cost"
    assert len(again.entries) == len(rules.entries)


def test_ready_made_objects_are_taken_as_rules(rules):
    flat = rules.with_rule("discounting", Discounting.flat(0.04), source="scenario")
    assert flat.discounting == Discounting.flat(0.04)
    norm = rules.norm.extended_below(18, 0.86, note="assumed")
    young = rules.with_rule("norm", norm, source="assumption of the analyst")
    assert young.norm.at(20) == 0.86
    assert young.norm.assumptions
    other = rules.with_rule("norm", NormTable.from_bands({0: 0.9}, source="x"), source="x")
    assert len({flat.hash, young.hash, other.hash, rules.hash}) == 4
    own = LifeTable.from_arrays(range(100), [0.01] * 99 + [1.0], source="registry")
    assert rules.with_rule("life_table", own, source="registry").life_table is own


def test_a_rule_may_be_stated_in_full(rules):
    source = Source("DMP guideline", "section 1", "2027-01-01", "read in the document")
    later = rules.with_rule(
        "authority_limit",
        {"nok": 120_000_000, "first_years": 5, "counts": ["drug"], "vat": "included"},
        source=source,
        status="law",
        note="announced",
    )
    assert later.authority_limit == 120_000_000
    assert later.rules["authority_limit"].source is source
    assert later.rules["authority_limit"].note == "announced"


def test_a_rule_may_be_stated_before_its_time():
    early = guideline("no", as_of="2024-01-01")
    stated = early.with_rule("remaining_qalys", "no_remaining_qalys_2025", source="as of 2025")
    assert stated.remaining_qalys.at(40) == 37.8
    assert "remaining_qalys" not in dict(stated.pending)


@pytest.mark.parametrize(
    ("topic", "value", "kind", "message"),
    [
        ("sverity", 1, UnknownNameError, "Did you mean 'severity'"),
        ("norm", "no_norm_2019", UnknownNameError, "unknown norm 'no_norm_2019'"),
        ("norm", {"tabel": "x"}, GuidelineError, r"topic norm, at table.*required"),
        ("norm", ["no_norm_2018"], GuidelineError, r"does not fit its topic.*a NormTable"),
        ("severity", 3, GuidelineError, r"does not fit its topic.*a SeverityScale.*int"),
        ("opportunity_cost", -1, GuidelineError, r"topic opportunity_cost.*above 0.*-1"),
        ("opportunity_cost", float("nan"), GuidelineError, "finite numbers"),
        ("opportunity_cost", "300000", GuidelineError, r"at nok_per_qaly.*valid number"),
        ("authority_limit", {"nok": 1.0}, GuidelineError, "at first_years"),
        ("authority_limit", {"nok": {1}, "first_years": 5}, GuidelineError, "cannot stand in"),
        ("authority_limit", {**LIMIT, "counts": ["drugs"]}, GuidelineError, "at counts.*drug"),
        ("authority_limit", {**LIMIT, "counts": []}, GuidelineError, "no cost group"),
        ("authority_limit", {**LIMIT, "counts": ["drug"] * 2}, GuidelineError, "named twice"),
        ("authority_limit", {**LIMIT, "vat": "yes"}, GuidelineError, "at vat"),
    ],
)
def test_rules_that_do_not_fit(rules, topic, value, kind, message):
    with pytest.raises(kind, match=message):
        rules.with_rule(topic, value, source="x")


def test_a_rule_needs_a_known_status_and_a_source(rules):
    with pytest.raises(UnknownNameError, match="status 'laww'.*Did you mean 'law'"):
        rules.with_rule("opportunity_cost", 1.0, source="x", status="laww")
    with pytest.raises(ValueError, match="a source without its document"):
        rules.with_rule("opportunity_cost", 1.0, source=" ")


def test_sources_frame(rules):
    frame = rules.sources_frame().set_index("topic")
    assert set(frame.index) == set(TOPICS)
    assert frame.loc["norm", "data"] == "no_norm_2025"
    assert frame.loc["value_set", "status"] == "law"
    assert frame.loc["value_set", "data_second_hand"]
    assert frame.loc["life_table", "data_sha256"] == load_table("no_life_table_2025").sha256
    assert frame.loc["severity", "data"] == ""
    assert (frame["read"] != "").all()


def test_repr_and_html(rules):
    assert "15 rules in force" in repr(rules)
    html = rules.with_rule("opportunity_cost", 1.0, source="a < b")._repr_html_()
    assert "no@2026-11-01+opportunity_cost" in html
    assert "a &lt; b" in html


def test_pickle(rules):
    changed = rules.with_rule(
        "norm", rules.norm.extended_below(18, 0.86, note="x"), source="assumption"
    )
    assert changed.norm.at(18) == 0.86
    copy = pickle.loads(pickle.dumps(changed))
    assert (copy.id, copy.hash) == (changed.id, changed.hash)
    assert copy.norm.assumptions == changed.norm.assumptions
    assert copy.severity == changed.severity
    assert copy.life_table.survival(61, 1) == changed.life_table.survival(61, 1)


def test_frozen(rules):
    with pytest.raises(AttributeError):
        rules.country = "se"
    with pytest.raises(TypeError):
        rules.life_tables["male"] = None
    with pytest.raises(TypeError):
        rules.rules["norm"] = None
