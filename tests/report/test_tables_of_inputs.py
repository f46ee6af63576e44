"""Tables of parameters, rules and assumptions."""

import pytest

from prioritering.dossier.case_run import Assumption
from prioritering.parameters import (
    Parameters,
    beta,
    dirichlet,
    empirical,
    fixed,
    gamma,
    lognormal,
    uniform,
)
from prioritering.report import tables

NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def parameters():
    return Parameters(
        hr=lognormal(median=0.72, ci=(0.55, 0.94), unit="ratio", source="trial X, table 2"),
        cost=fixed(250_000, unit="NOK/year", price_year=2024, source="price list"),
        p=dirichlet({"B": 350, "C": 20}, source="registry"),
        u=beta(mean=0.82, se=0.02, assumption=True, description="utility, stable"),
        r=gamma(mean=0.21, se=0.03),
        low=uniform(low=1e-5, high=2e-5, source="s"),
        seen=empirical([1.0, 2.0, 4.0], source="data"),
    )


def test_parameters_show_value_interval_and_distribution(parameters):
    frame = tables.parameters_table(parameters)
    raw = parameters.to_frame().set_index("name")
    assert list(frame.index) == list(raw.index)
    for name, row in raw.iterrows():
        shown = float(frame.loc[name, "Value"].replace(",", ""))
        assert shown == pytest.approx(row["value"], rel=6e-4)
        interval = frame.loc[name, f"95{NBSP}% interval"]
        if name == "cost":
            assert interval == ""
        else:
            low, high = (float(x.replace(",", "")) for x in interval.split(" to "))
            assert (low, high) == pytest.approx((row["low"], row["high"]), rel=6e-4)
    assert frame.loc["u", "Distribution"] == "beta (a 301.76; b 66.24)"
    assert frame.loc["cost", "Distribution"] == "fixed"
    assert frame.loc["cost", "Price year"] == "2024"
    assert frame.loc["p.B", "Distribution"] == "Dirichlet: beta (a 350; b 20)"
    assert frame.loc["seen", "Distribution"] == parameters["seen"].distribution.describe()


def test_assumptions_and_missing_sources_are_marked(parameters, language):
    frame = tables.parameters_table(parameters, language=language)
    source, assumption = frame.columns[-2:]
    mark = {"en": "yes", "no": "ja"}[language]
    assert frame.index[frame[assumption] == mark].tolist() == ["u"]
    missing = {"en": "no source given", "no": "kilde mangler"}[language]
    assert frame.index[frame[source] == missing].tolist() == ["r"]


def test_numbers_of_a_distribution_follow_the_language(parameters):
    frame = tables.parameters_table(parameters, language="no")
    assert frame.loc["u", "Fordeling"] == "beta (a 301,76; b 66,24)"
    assert frame.loc["low", "Verdi"] == "0,000015"


def test_empty_columns_are_left_out():
    frame = tables.parameters_table(Parameters(a=1.0))
    assert "Price year" not in frame.columns
    assert "Description" not in frame.columns


def test_sources_follow_the_rules(rules, language):
    frame = tables.sources_table(rules, language=language)
    raw = rules.sources_frame()
    assert len(frame) == len(raw)
    assert frame.iloc[:, 0].tolist() == raw["in_force_from"].tolist()
    second_hand = {
        "en": "second-hand: original not seen",
        "no": "gjengitt av andre: originalen er ikke sett",
    }
    assert (frame.iloc[:, 1] == second_hand[language]).tolist() == raw["second_hand"].tolist()
    life_table = frame.iloc[raw.index[raw["topic"] == "life_table"][0], 6]
    assert life_table.startswith("no_life_table_2025 (")


def test_assumptions_of_a_case():
    frame = tables.assumptions_table([Assumption("hr wanes", "no data beyond 3 years")])
    assert frame.loc["hr wanes", "Reason"] == "no data beyond 3 years"
    assert tables.assumptions_table([], language="no").empty
