"""Adverse events against sums by hand, in a model, and wrong input."""

import pickle

import numpy as np
import pytest

import prioritering as pr
from prioritering.costing import adverse_event_costs

GOOD = {
    "counted": "share of patients",
    "unit_costs": {"neutropenia": 30_000, "nausea": 500},
    "disutility": {"neutropenia": 0.09},
    "duration": {"neutropenia": 15 / 365.25},
}
SHARES = {"neutropenia": 0.2, "nausea": 0.4}


def test_sums_by_hand_in_every_draw():
    rng = np.random.default_rng(4)
    share, cost, drop = rng.uniform(0, 1, 9), rng.uniform(1e4, 4e4, 9), rng.uniform(0, 0.2, 9)
    found = adverse_event_costs(
        {"neutropenia": share, "nausea": 0.4},
        **{
            **GOOD,
            "unit_costs": {"nausea": 500, "neutropenia": cost},
            "disutility": {"neutropenia": drop},
        },
    )
    np.testing.assert_allclose(found.cost, share * cost + 200, rtol=1e-14)
    np.testing.assert_allclose(found.qaly_loss, share * drop * 15 / 365.25, rtol=1e-14)
    assert found.cost_by_event.shape == (2, 9)
    assert found.names == ("neutropenia", "nausea")


def test_one_off_and_yearly_in_a_model():
    """Half of the cohort dies each year; the trapezoid counts 0.75 + 0.375 years."""
    once = adverse_event_costs(SHARES, **GOOD)
    yearly = adverse_event_costs(SHARES, **{**GOOD, "counted": "events per year"})
    np.testing.assert_array_equal(once.cost, yearly.cost)
    out = pr.MarkovModel(
        states=("well", "dead"),
        strategies=("one",),
        cycle=pr.years(1),
        horizon=pr.years(2),
        transitions={("well", "dead"): 0.5},
        costs={"first": {pr.at_start: once.cost}, "later": {"well": yearly.cost}},
        utilities={"well": 0.8 - yearly.qaly_loss, pr.at_start: -once.qaly_loss},
    ).run(pr.Draws.from_arrays({"x": [0.0]}), discounting=pr.Discounting.none())
    np.testing.assert_allclose(out.cost_by_category[:, 0, 0], [6200, 1.125 * 6200], rtol=1e-14)
    loss = 0.2 * 0.09 * 15 / 365.25
    np.testing.assert_allclose(out.qaly[0, 0], 1.125 * (0.8 - loss) - loss, rtol=1e-14)


def test_prices_of_one_year_are_kept():
    costs = {
        "neutropenia": pr.fixed(30_000, price_year=2024),
        "nausea": pr.fixed(500, price_year=2024),
    }
    assert adverse_event_costs(SHARES, **{**GOOD, "unit_costs": costs}).price_year == 2024
    costs["nausea"] = pr.fixed(500, price_year=2026)
    with pytest.raises(pr.ParameterError, match=r"different years.*2024: neutropenia; 2026: naus"):
        adverse_event_costs(SHARES, **{**GOOD, "unit_costs": costs})


def test_prices_of_one_currency_are_kept():
    costs = {"neutropenia": pr.fixed(3_000, unit="EUR"), "nausea": 50}
    found = adverse_event_costs(SHARES, **{**GOOD, "unit_costs": costs})
    assert found.table().columns[1] == "Cost per patient (EUR)"
    costs["nausea"] = pr.fixed(500, unit="NOK")
    with pytest.raises(pr.ParameterError, match=r"currencies.*EUR: neutropenia; NOK: nausea"):
        adverse_event_costs(SHARES, **{**GOOD, "unit_costs": costs})


@pytest.mark.parametrize(
    ("shares", "changes", "kind", "message"),
    [
        ({}, {}, pr.ParameterError, r"no adverse events"),
        ({**SHARES, "nausea": 1.2}, {}, pr.ParameterError, r"with 'nausea' is outside.*at most 1;"),
        ({**SHARES, "nausea": -0.1}, {}, pr.ParameterError, r"with 'nausea'.*found -0.1"),
        (SHARES, {"counted": "rate"}, pr.ParameterError, r"counted is not stated.*found 'rate'"),
        (
            SHARES,
            {"unit_costs": {"nausea": 500}},
            pr.ParameterError,
            r"no unit cost.*found none for 'neutropenia'.*Write 0",
        ),
        (
            SHARES,
            {"unit_costs": {**GOOD["unit_costs"], "nausae": 1}},
            pr.UnknownNameError,
            r"unknown adverse event 'nausae' \(argument unit cost\).*mean 'nausea'",
        ),
        (
            SHARES,
            {"unit_costs": {"neutropenia": -5, "nausea": 500}},
            pr.ParameterError,
            r"unit cost of 'neutropenia' is outside.*found -5",
        ),
        (SHARES, {"duration": {}}, pr.ParameterError, r"belong together.*for 'neutropenia'"),
        (
            SHARES,
            {"disutility": {"neutropenia": -0.1}},
            pr.ParameterError,
            r"disutility of 'neutropenia' is outside.*found -0.1",
        ),
        (
            SHARES,
            {"duration": {"neutropenia": np.nan}},
            pr.ParameterError,
            r"duration of 'neutropenia' in years is outside.*found nan",
        ),
        (
            {"neutropenia": [0.1, 0.2], "nausea": [0.1, 0.2, 0.3]},
            {},
            pr.ParameterError,
            r"draws are not equally many.*nausea: 3",
        ),
    ],
)
def test_wrong_events(shares, changes, kind, message):
    with pytest.raises(kind, match=message):
        adverse_event_costs(shares, **{**GOOD, **changes})


def test_more_than_one_event_per_patient_is_no_share():
    found = adverse_event_costs(
        {**SHARES, "nausea": 1.2}, **{**GOOD, "counted": "events per patient"}
    )
    assert found.cost.tolist() == [6600.0]


@pytest.mark.parametrize(
    ("counted", "heading"),
    [
        ("share of patients", ("Share of patients", "Cost per patient (NOK)")),
        ("events per patient", ("Events per patient", "Cost per patient (NOK)")),
        ("events per year", ("Events per year", "Cost per patient and year (NOK)")),
    ],
)
def test_table_frame_and_copy(counted, heading):
    found = adverse_event_costs(SHARES, **{**GOOD, "counted": counted})
    table = found.table()
    assert tuple(table.columns[:2]) == heading
    assert table.iloc[-1, 1] == "6,200"
    assert found.table("no").index[-1] == "Alle hendelser"
    assert found.to_frame()["qaly_loss"].tolist() == found.qaly_loss_by_event.ravel().tolist()
    again = pickle.loads(pickle.dumps(found))
    with pytest.raises(ValueError, match="read-only"):
        again.cost_by_event[0] = 0
    assert "neutropenia" in found._repr_html_()
