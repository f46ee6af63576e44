import math

import numpy as np
import pandas as pd
import pytest

from prioritering.cea import compare, mean_se
from prioritering.decision import assess
from prioritering.errors import ResultError, UnknownNameError
from prioritering.outcomes import Outcomes
from prioritering.parameters import Parameters
from prioritering.psa import acceptability, evpi
from prioritering.report import tables
from prioritering.severity import PopulationQalys, absolute_shortfall

NBSP = "\N{NO-BREAK SPACE}"


def read(cell, language="en"):
    """Value and standard error a cell prints."""
    marks = {"en": (",", ""), "no": (NBSP, "")}[language]
    plain = cell.replace(*marks).replace("%", "").replace(NBSP, "")
    if language == "no":
        plain = plain.replace(",", ".")
    value, _, error = plain.rstrip(")").partition("(")
    return float(value), float(error) if error else None


def assert_prints(cell, value, se, decimals, language="en"):
    """A cell shows a value at its printed digit, and its error at one digit or more."""
    shown, error = read(cell, language)
    assert shown == round(float(value), decimals)
    if se is None:
        assert error is None
    else:
        assert error == pytest.approx(se, abs=0.5 * 10**-decimals)
        assert error > 0


def notes(frame):
    return " ".join(frame.attrs["notes"])


def test_outcomes_are_means_with_their_errors(psa, language):
    frame = tables.outcomes_table(psa, language=language)
    assert list(frame.columns) == ["standard", "new"]
    rows = [
        (psa.cost, 0),
        (psa.cost_undiscounted, 0),
        (psa.qaly, 3),
        (psa.life_years, 3),
        (psa.qaly_undiscounted, 3),
        (psa.life_years_undiscounted, 3),
    ]
    assert len(frame) == len(rows)
    for i, (draws, decimals) in enumerate(rows):
        for k in (0, 1):
            cell, mean = frame.iloc[i, k], float(draws[k].mean())
            assert_prints(cell, mean, mean_se(draws[k]), decimals, language)
    draws = {"en": "4,000 draws", "no": f"4{NBSP}000 trekninger"}
    assert draws[language] in notes(frame)
    assert {"en": "standard errors", "no": "standardfeil"}[language] in notes(frame)


def test_outcomes_by_category_and_state_of_one_draw():
    one = np.array([[1.0], [2.0]])
    run = Outcomes(
        ("old", "new"),
        ("drug", "visits"),
        np.array([[[1000.0], [90.0]], [[20.5], [30.5]]]),
        np.array([[[1100.0], [99.0]], [[22.0], [33.0]]]),
        *(one, one, one, one),
        states=("well", "ill"),
        state_years=np.array([[[0.5, 1.25]], [[2.0, 3.0]]]),
        provenance={"currency": "EUR"},
    )
    frame = tables.outcomes_table(run)
    assert frame.loc["Cost, drug (EUR)"].tolist() == ["1,000", "90"]
    assert frame.loc["Cost, visits (EUR)"].tolist() == ["20", "30"]
    assert frame.loc["Cost (EUR)"].tolist() == ["1,020", "120"]
    assert frame.loc["Years in state ill, undiscounted"].tolist() == ["1.250", "3.000"]
    assert "no Monte Carlo error" in notes(frame)


def test_a_currency_can_be_named(psa, several):
    assert "Cost (SEK)" in tables.outcomes_table(psa, currency="SEK").index
    assert "Cost (NOK)" in tables.outcomes_table(psa).index
    assert "Cost (USD)" in tables.outcomes_table(several).index


def test_incremental_analysis_prints_the_rows(cea, language):
    frame = tables.cea_table(cea, language=language)
    assert list(frame.index) == [row.strategy for row in cea.rows]
    names = ["cost", "qaly", "life_years", "incremental_cost", "incremental_qaly", "icer"]
    for name, column in zip([*names, "nmb", "nhb"], frame.columns, strict=False):
        decimals = 3 if name in ("qaly", "life_years", "incremental_qaly", "nhb") else 0
        for row in cea.rows:
            value, se = getattr(row, name), getattr(row, f"{name}_se")
            cell = frame.loc[row.strategy, column]
            if value is None:
                assert cell == "–"
            else:
                assert_prints(cell, value, se, decimals, language)
    amount = "NOK 495,000" if language == "en" else "495 000 NOK"
    assert amount in notes(frame).replace(NBSP, " ")


def test_standing_is_in_words_with_the_strategies_behind_it(single):
    standing = tables.cea_table(single)["Status"]
    assert standing["b"] == "on the frontier"
    assert standing["c"] == "dominated by b"
    assert standing["d"] == "extendedly dominated by a mix of b and f"
    assert standing["e"] == "equal to b"
    norwegian = tables.cea_table(single, language="no")["Status"]
    assert norwegian["d"] == "utvidet dominert av en blanding av b og f"
    assert "Net monetary benefit (NOK)" not in tables.cea_table(single).columns


def test_small_costs_keep_their_decimals(single):
    assert tables.cea_table(single).loc["b", "ICER (NOK per QALY)"] == "100.00"


def test_pairs_have_cost_per_life_year_and_quadrants(many, language):
    frame = tables.pairwise_table(many, language=language)
    for row in many.pairwise:
        cells = frame.loc[row.strategy].tolist()
        assert_prints(cells[0], row.incremental_cost, row.incremental_cost_se, 0, language)
        assert_prints(
            cells[2], row.incremental_life_years, row.incremental_life_years_se, 3, language
        )
        assert_prints(cells[4], row.cost_per_life_year, row.cost_per_life_year_se, 0, language)
        assert_prints(cells[5], row.incremental_nmb, row.incremental_nmb_se, 0, language)
    assert "SoC" in frame.attrs["notes"][0]


@pytest.mark.parametrize(
    ("cost", "qaly", "english", "norwegian"),
    [
        (
            -5.0,
            -1.0,
            "less effect at less cost: savings per QALY lost",
            "besparelse per tapte QALY",
        ),
        (-5.0, 1.0, "dominant: more effect at less cost", "mer effekt til lavere kostnad"),
        (5.0, 0.0, "no difference in effect: costs more", "ingen forskjell i effekt"),
    ],
)
def test_a_quadrant_is_words_not_a_sign(build, cost, qaly, english, norwegian):
    run = build([[10.0], [10.0 + cost]], [[3.0], [3.0 + qaly]], ["old", "new"])
    pairs = compare(run, reference="old")
    assert tables.pairwise_table(pairs).loc["new", "Status"] == english
    assert norwegian in tables.pairwise_table(pairs, language="no").loc["new", "Status"]


def test_best_and_perfect_information(cea, language):
    frame = tables.best_table(cea, language=language)
    curve, value = acceptability(cea.outcomes, limits=cea.wtp), evpi(cea.outcomes, wtp=cea.wtp)
    for i in (0, 1):
        p, se = 100 * curve.probability[i, 0], 100 * curve.probability_se[i, 0]
        assert_prints(frame.iloc[i, 0], p, se, 1, language)
    assert_prints(frame.iloc[2, 0], float(value.value), float(value.se), 0, language)


def test_best_needs_a_limit(many, single):
    with pytest.raises(ResultError, match="no willingness to pay"):
        tables.best_table(single)


def test_severity_prints_point_interval_and_classes(severity, language):
    frame = tables.severity_table(severity, language=language)
    value, interval = frame.columns
    point = severity.expected
    assert frame.iloc[0].tolist() == ["61", ""]
    assert_prints(frame.iloc[1, 0], 21.8, None, 2, language)
    assert_prints(frame.iloc[2, 0], point.qalys_prognosis, mean_se(severity.prognosis), 2, language)
    assert_prints(
        frame.iloc[3, 0], point.shortfall_rounded, mean_se(severity.shortfall), 2, language
    )
    to = {"en": " to ", "no": " til "}[language]
    shown = [read(part, language)[0] for part in frame.iloc[3][interval].split(to)]
    middle = np.quantile(severity.shortfall, (0.025, 0.975), method="inverted_cdf")
    assert shown == [round(x, 2) for x in middle.tolist()]
    assert frame.iloc[5][value] == str(point.severity_class)
    assert read(frame.iloc[7][value], language)[0] == point.wtp
    shares = [p for p in severity.probability_of_class.values() if p > 0]
    assert len(frame) == 8 + len(shares)
    for i, p in enumerate(shares):
        assert_prints(
            frame.iloc[8 + i, 0], 100 * p, 100 * math.sqrt(p * (1 - p) / 4000), 1, language
        )


def test_an_interval_of_one_value_is_that_value(rules):
    population = PopulationQalys(20.0, age=60, source="made up")
    draws = np.linspace(7.0, 7.5, 50)
    found = absolute_shortfall(draws, age=60, rules=rules, population=population)
    frame = tables.severity_table(found)
    assert frame.loc["Severity class"].tolist() == ["4", "4"]
    assert frame.loc["Absolute shortfall (QALYs)"].iloc[1] == "12.51 to 12.99"


def test_an_age_has_a_decimal_only_when_it_needs_one(rules):
    population = PopulationQalys(20.0, age=61.5, source="made up")
    found = absolute_shortfall(8.0, age=61.5, rules=rules, population=population)
    assert tables.severity_table(found, language="no").iloc[0, 0] == "61,5"


def test_severity_says_where_the_population_comes_from(severity):
    text = notes(tables.severity_table(severity))
    assert "General population: a round number." in text
    assert "Assumption: made up" in text
    assert "Not discounted." in text
    assert "not automatic limits" in text


def test_severity_flags_what_is_second_hand(severity_of_one):
    frame = tables.severity_table(severity_of_one)
    assert "Second-hand: the original was not seen." in frame.attrs["notes"]
    assert "The classes and reference levels are second-hand" in notes(frame)
    assert "Classes and reference levels: På ramme alvor" in notes(frame)
    assert list(frame.columns) == ["Value"]
    assert len(frame) == 8


def test_class_bounds_are_lower_inclusive_and_the_last_open(rules):
    from prioritering.report.tables.severity import class_bounds

    classes = rules.severity.classes
    assert class_bounds(classes[2], "en") == "8 to <12"
    assert class_bounds(classes[-1], "no") == "20 og over"


def test_decision_prints_everything_behind_it(decision, language):
    frame = tables.decision_table(decision, language=language)
    cells = frame.iloc[:, 0].tolist()
    assert read(cells[0], language) == (decision.wtp, None)
    for i, (e, decimals) in {
        1: (decision.mean_incremental_cost, 0),
        2: (decision.mean_incremental_qaly, 3),
        5: (decision.mean_net_benefit, 0),
        10: (decision.evpi, 0),
    }.items():
        assert_prints(cells[i], e.value, e.se, decimals, language)
    assert_prints(cells[3], decision.icer, decision.icer_se, 0, language)
    p = decision.probability_cost_effective
    assert_prints(cells[6], 100 * p.value, 100 * p.se, 1, language)
    own = decision.probability_cost_effective_by_severity
    assert_prints(cells[7], 100 * own.value, 100 * own.se, 1, language)
    for i, loss in ((8, decision.loss_of_wrong_yes), (9, decision.loss_of_wrong_no)):
        amount, _, qalys = cells[i].partition(" NOK, ")
        assert_prints(amount, loss.amount.value, loss.amount.se, 0, language)
        assert_prints(qalys.split(" QALY")[0], loss.qalys.value, loss.qalys.se, 3, language)
    assert cells[-2] == decision.name.in_language(language)
    whose = {"en": "This package reads this as: ", "no": "Denne pakken leser dette slik: "}
    assert cells[-1] == whose[language] + decision.reading.in_language(language)
    assert decision.criteria.decision_error_text.in_language(language) in notes(frame)


def test_a_reading_of_the_white_paper_is_told_as_its_own(dominated, language):
    said = tables.decision_table(dominated, language=language).iloc[-1, 0]
    assert said.startswith("Meld. St. 21 (2024\N{EN DASH}2025) ")
    assert said.endswith({"en": "as: should not be adopted", "no": ": bør ikke innføres"}[language])


def test_indices_stand_with_level_and_cutoff(decision):
    frame = tables.decision_table(decision)
    index = decision.documentation_index
    text = frame.loc["Documentation uncertainty", "Value"]
    level, _, rest = text.partition(", ")
    assert level == index.level
    assert_prints(rest.split(";")[0], index.value, index.se, 2)
    assert text.endswith("high from 1.00")
    assert frame.loc["Decision uncertainty", "Value"].endswith(f"high from 20{NBSP}%")
    assert "The cut-offs are this package's choice; the authority has set none." in notes(frame)


def test_changed_cutoffs_limit_and_closeness_are_told(psa, severity, rules):
    p = assess(psa, severity, rules, reference="standard").decision_index.value
    found = assess(
        psa,
        severity,
        rules,
        reference="standard",
        criteria={"decision_error_high": p},
        wtp_adjustment=-50_000.0,
    )
    close = assess(psa, severity, rules, reference="standard", criteria={"decision_error_high": p})
    text = notes(tables.decision_table(found)).replace(NBSP, " ")
    assert "Cut-offs set by the analyst; the authority has set none." in text
    assert "changed by NOK -50,000 per QALY" in text
    assert "Too close to call with these draws: decision uncertainty." in notes(
        tables.decision_table(close)
    )


def test_an_icer_without_meaning_is_its_quadrant(lossless):
    assert lossless.icer is None or lossless.cost_per_qaly.axis == "net benefit"
    frame = tables.decision_table(lossless)
    assert frame.loc["ICER (NOK per QALY)", "Value"] == "–"
    assert frame.loc["Status", "Value"] == "dominated: less effect at more cost"


def test_savings_per_qaly_lost_are_called_that(south_west, language):
    """Two million saved per QALY lost at a limit of 495 000: worth it, and never cheap."""
    words = {
        "en": ("Status", "less effect at less cost: savings per QALY lost", "clearly positive"),
        "no": (
            "Status",
            "mindre effekt til lavere kostnad: besparelse per tapte QALY",
            "klart pos",
        ),
    }
    row, status, scenario = words[language]
    frame = tables.decision_table(south_west, language=language)
    assert frame.loc[row].item() == status
    assert_prints(frame.iloc[3, 0], south_west.icer, south_west.icer_se, 0, language)
    text = " ".join(frame.iloc[:, 0])
    assert scenario in text
    assert "limit" not in text
    assert "grensen" not in text


def test_errors_of_dependent_draws_are_called_upper_bounds(psa, severity, rules, build, language):
    words = {"en": "upper bound: draws are not independent (Sobol's sequence)",
             "no": "øvre grense: trekningene er ikke uavhengige (Sobols følge)"}  # fmt: skip
    run = build(psa.cost, psa.qaly, psa.strategies, draws={"method": "sobol"})
    pairs = compare(run, reference="standard", wtp=495_000)
    decision = assess(run, severity, rules, reference="standard")
    for frame in (
        tables.outcomes_table(run, language=language),
        tables.cea_table(pairs, language=language),
        tables.pairwise_table(pairs, language=language),
        tables.best_table(pairs, language=language),
        tables.decision_table(decision, language=language),
    ):
        assert words[language] in notes(frame)
    assert pairs.errors_are_upper_bounds
    assert decision.to_dict()["errors_are_upper_bounds"]
    plain = tables.outcomes_table(psa, language=language)
    assert words[language].split(":")[0] not in notes(plain)


def test_assumed_parameters_are_named(psa, build, language):
    words = {"en": "Assumed values: cost_care, hr.", "no": "Antatte verdier: cost_care, hr."}
    draws = {"method": "random", "assumptions": ["cost_care", "hr"]}
    run = build(psa.cost, psa.qaly, psa.strategies, draws=draws)
    for frame in (
        tables.outcomes_table(run, language=language),
        tables.cea_table(compare(run, reference="standard"), language=language),
    ):
        assert words[language] in notes(frame)
    assert words[language][:7] not in notes(tables.outcomes_table(psa, language=language))


def test_a_run_of_costs_and_qalys_alone_has_no_other_rows():
    run = Outcomes.from_arrays(["old", "new"], cost=[[100.0], [300.0]], qaly=[[1.0], [2.0]])
    assert list(tables.outcomes_table(run).index) == ["Cost (NOK)", "QALYs"]
    pairs = compare(run, reference="old")
    for frame in (tables.cea_table(pairs), tables.pairwise_table(pairs)):
        assert "ICER (NOK per QALY)" in frame.columns
        assert not [name for name in frame.columns if "ife year" in name]


def test_best_of_all_is_shown_when_there_are_several(several, severity_of_one, rules):
    found = assess(several, severity_of_one, rules, reference="SoC", option="B")
    frame = tables.decision_table(found)
    for strategy, p in found.probability_best.items():
        cell = frame.loc[f"Probability that {strategy} is best of all at the limit", "Value"]
        value, error = read(cell)
        assert value == round(100 * p.value, 1)
        assert error == pytest.approx(100 * p.se, abs=0.05)


def test_every_table_refuses_an_unknown_language(cea, severity, decision, rules):
    for draw in (
        lambda: tables.outcomes_table(cea.outcomes, language="sv"),
        lambda: tables.cea_table(cea, language="sv"),
        lambda: tables.pairwise_table(cea, language="sv"),
        lambda: tables.best_table(cea, language="sv"),
        lambda: tables.severity_table(severity, language="sv"),
        lambda: tables.decision_table(decision, language="sv"),
        lambda: tables.parameters_table(Parameters(a=1.0), language="sv"),
        lambda: tables.sources_table(rules, language="sv"),
        lambda: tables.assumptions_table([], language="sv"),
    ):
        with pytest.raises(UnknownNameError, match="unknown language 'sv'"):
            draw()


def test_tables_are_frames_of_text(cea, severity, decision):
    frames = (
        tables.cea_table(cea),
        tables.severity_table(severity),
        tables.decision_table(decision),
    )
    for frame in frames:
        assert isinstance(frame, pd.DataFrame)
        assert all(isinstance(cell, str) for cell in frame.to_numpy().ravel())
        assert frame.index.name
