"""Utility by state: textbook and cluster-robust errors, parameters, carers, wrong input."""

import dataclasses
import pickle

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import prioritering as pr
from prioritering.data import value_set
from prioritering.utilities import carer_disutility, utility_by_state

STATES = ("stable", "progressed", "terminal")


def patients(seed, n=40, visits=4):
    """Repeated measurements of patients who differ, some in several states."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(n), visits)
    level = np.repeat(rng.normal(0, 0.1, n), visits)
    state = np.sort(rng.integers(0, 3, (n, visits)), axis=1).ravel()
    score = np.array([0.8, 0.65, 0.4])[state] + level + rng.normal(0, 0.05, n * visits)
    names = np.array(STATES)[state]
    return pd.DataFrame({"who": who, "state": names, "u": np.minimum(score, 1.0)})


DATA = patients(1)
FOUND = utility_by_state(DATA, state="state", utility="u", patient="who")


def sandwich(data, states):
    """Least squares on indicators with a clustered covariance, in matrices of its own."""
    x = np.array([[float(s == k) for k in states] for s in data["state"]])
    u = data["u"].to_numpy()
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ x.T @ u
    meat = np.zeros((len(states), len(states)))
    for _, rows in data.groupby("who").indices.items():
        part = x[rows].T @ (u[rows] - x[rows] @ beta)
        meat += np.outer(part, part)
    groups = np.array([data.loc[data["state"] == k, "who"].nunique() for k in states])
    scale = np.sqrt(groups / (groups - 1))
    return beta, bread @ meat @ bread * np.outer(scale, scale)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_against_a_sandwich_by_matrices(seed):
    data = patients(seed)
    found = utility_by_state(data, state="state", utility="u", patient="who")
    beta, covariance = sandwich(data, found.states)
    np.testing.assert_allclose(found.mean, beta, rtol=1e-12)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-9, atol=1e-16)
    np.testing.assert_allclose(found.se, np.sqrt(np.diag(covariance)), rtol=1e-9)
    assert (np.linalg.eigvalsh(found.covariance) > -1e-16).all()


def test_without_repeats_it_is_the_textbook_standard_error():
    one_each = DATA[DATA.groupby("who").cumcount() == DATA["who"] % 4]
    by_state = one_each.groupby("state")["u"]
    for patient in (None, "who"):
        found = utility_by_state(one_each, state="state", utility="u", patient=patient)
        order = list(found.states)
        np.testing.assert_allclose(found.se, by_state.sem()[order], rtol=1e-12)
        np.testing.assert_allclose(found.mean, by_state.mean()[order], rtol=1e-14)
        off = found.covariance[~np.eye(len(order), dtype=bool)]
        np.testing.assert_array_equal(off, 0.0)


def test_copies_of_a_patient_are_no_evidence():
    """Every row twice: the clustered error stays, the plain one shrinks by about sqrt(2)."""
    twice = pd.concat([DATA, DATA])
    again = utility_by_state(twice, state="state", utility="u", patient="who")
    np.testing.assert_allclose(again.covariance, FOUND.covariance, rtol=1e-12)
    alone = utility_by_state(twice, state="state", utility="u")
    assert (alone.se < again.se).all()
    assert not alone.clustered
    np.testing.assert_array_equal(again.n, 2 * FOUND.n)
    np.testing.assert_array_equal(again.n_patients, FOUND.n_patients)


def test_the_spread_of_many_studies_is_the_standard_error():
    """Study: 400 data sets; the mean squared error is the mean variance within 4 sigma."""
    runs = [
        utility_by_state(patients(s), state="state", utility="u", patient="who") for s in range(400)
    ]
    mean = np.array([[dict(zip(r.states, r.mean, strict=True))[k] for k in STATES] for r in runs])
    variance = np.array(
        [[dict(zip(r.states, r.se**2, strict=True))[k] for k in STATES] for r in runs]
    )
    ratio = mean.var(axis=0, ddof=1) / variance.mean(axis=0)
    assert (np.abs(ratio - 1) < 4 * np.sqrt(2 / 400)).all()


def test_correlated_parameters_carry_the_covariance():
    params = FOUND.parameters(kind="correlated", source="trial X")
    drawn = params.sample(200_000, seed=1).utility
    assert drawn.names == FOUND.states
    np.testing.assert_allclose(np.cov(drawn.array), FOUND.covariance, rtol=0.05, atol=1e-6)
    assert params["utility"].source == "trial X"
    np.testing.assert_allclose(list(params["utility"].value.values()), FOUND.mean, rtol=1e-14)


def test_beta_parameters_have_each_mean_and_error():
    params = FOUND.parameters(kind="beta", source="trial X", prefix="u")
    assert params.names == tuple(f"u_{s}" for s in FOUND.states)
    for parameter, mean, se in zip(params.values(), FOUND.mean, FOUND.se, strict=True):
        np.testing.assert_allclose(parameter.distribution.mean, mean, rtol=1e-12)
        np.testing.assert_allclose(parameter.distribution.sd, se, rtol=1e-10)


def test_profiles_and_levels_give_what_their_values_give():
    rng = np.random.default_rng(5)
    levels = rng.integers(1, 6, (len(DATA), 5))
    profile = ["".join(map(str, row)) for row in levels]
    data = DATA.assign(
        profile=profile,
        u=value_set("norway_5l").value(profile),
        **{f"d{k}": levels[:, k] for k in range(5)},
    )
    common = {"state": "state", "patient": "who"}
    expected = utility_by_state(data, utility="u", **common)
    for columns in ("profile", [f"d{k}" for k in range(5)]):
        found = utility_by_state(data, profile=columns, values="norway_5l", **common)
        np.testing.assert_array_equal(found.covariance, expected.covariance)
        assert found.provenance["value_set"] == "norway_5l"


@pytest.mark.parametrize(
    ("change", "given", "kind", "message"),
    [
        (
            lambda d: d[d.who == 3],
            {},
            pr.DataError,
            r"no standard error.*two patients.*found 1 patient",
        ),
        (
            lambda d: d[(d.state != "terminal") | (d.who == d[d.state == "terminal"].who.iloc[0])],
            {},
            pr.DataError,
            r"no standard error \(state 'terminal'\).*two patients.*found 1 patient.*Pool",
        ),
        (
            lambda d: d.assign(u=d.u.where(d.index != 7)),
            {},
            pr.DataError,
            r"missing or not finite \(column 'u', first row 7\).*1 of 160",
        ),
        (lambda d: d.assign(u="good"), {}, pr.DataError, r"160 of 160 rows without one"),
        (lambda d: d.assign(u=d.u + 0.9), {}, pr.DataError, r"a utility is above 1 \(column 'u'"),
        (
            lambda d: d.assign(state=d.state.where(d.index > 1)),
            {},
            pr.DataError,
            r"column 'state' has gaps \(first row 0\).*2 of 160",
        ),
        (
            lambda d: d.assign(who=d.who.where(d.index != 0)),
            {},
            pr.DataError,
            r"column 'who' has gaps.*1 of 160",
        ),
        (lambda d: d.head(0), {}, pr.DataError, r"no measurements.*no rows"),
        (lambda d: d, {"state": "sate"}, pr.UnknownNameError, r"column 'sate'.*mean 'state'"),
        (lambda d: d, {"patient": "whom"}, pr.UnknownNameError, r"column 'whom'.*mean 'who'"),
        (lambda d: d, {"utility": None}, pr.DataError, r"not stated once.*utility None"),
        (
            lambda d: d.assign(p="11111"),
            {"profile": "p", "values": "norway_5l"},
            pr.DataError,
            r"not stated once.*utility 'u', profile 'p'",
        ),
        (
            lambda d: d.assign(p="11111"),
            {"utility": None, "profile": "p"},
            pr.DataError,
            r"not stated once.*values None",
        ),
        (
            lambda d: d.assign(p="11117"),
            {"utility": None, "profile": "p", "values": "norway_5l"},
            pr.DataError,
            r"not an EQ-5D-5L profile.*'11117'",
        ),
    ],
)
def test_wrong_data(change, given, kind, message):
    arguments = {"state": "state", "utility": "u", "patient": "who", **given}
    with pytest.raises(kind, match=message):
        utility_by_state(change(DATA), **arguments)


def test_wrong_parameters():
    with pytest.raises(pr.DataError, match=r"unknown kind.*'correlated' or 'beta'; found 'normal'"):
        FOUND.parameters(kind="normal", source="x")
    same = DATA.replace({"state": {"stable": "on drug", "progressed": "on-drug"}})
    clash = utility_by_state(same, state="state", utility="u", patient="who")
    with pytest.raises(pr.DataError, match=r"same name as parameters.*'on drug', 'on-drug'"):
        clash.parameters(kind="beta", source="x")
    worse = utility_by_state(DATA.assign(u=DATA.u - 1.2), state="state", utility="u")
    with pytest.raises(pr.ParameterError, match="mean of a beta distribution is impossible"):
        worse.parameters(kind="beta", source="x")


def test_carers_stand_in_an_analysis_of_their_own():
    params = pr.Parameters(u=pr.fixed(0.7), burden=pr.beta(mean=0.06, se=0.01))
    model = pr.MarkovModel(
        states=("well", "ill", "dead"),
        strategies=("old", "new"),
        cycle=pr.years(1),
        horizon=pr.years(10),
        transitions=lambda p, s, t: {
            ("well", "ill"): 0.2 if s == "old" else 0.1,
            ("ill", "dead"): 0.3,
        },
        costs={"well": 1.0},
        utilities=lambda p, s, t: {"well": 0.9, "ill": p.u},
    )
    draws = params.sample(50, seed=1)
    own = model.run(draws, discounting=pr.Discounting.none())
    carers = dataclasses.replace(
        model,
        age_adjustment=None,
        utilities=lambda p, s, t: carer_disutility({"well": 0.0, "ill": p.burden}, carers=2),
    ).run(draws, discounting=pr.Discounting.none())
    ill = own.state_years[:, :, own.states.index("ill")]
    np.testing.assert_allclose(carers.qaly, -2 * draws.burden * ill, rtol=1e-12)
    np.testing.assert_array_equal(carers.cost, own.cost)
    assert (own.qaly > 0).all()


@pytest.mark.parametrize(
    ("decrement", "carers", "message"),
    [
        (-0.05, 1, r"decrement in 'ill' is outside.*found -0.05.*without a sign"),
        (np.nan, 1, r"decrement in 'ill'.*found nan"),
        ([0.1, 3.0], 1, r"decrement in 'ill'.*up to 2; found 3 \(1 such\)"),
        ("much", 1, r"decrement in 'ill'.*found 'much'"),
        (0.05, -1, r"carers per patient is outside.*found -1"),
    ],
)
def test_wrong_carers(decrement, carers, message):
    with pytest.raises(pr.ParameterError, match=message):
        carer_disutility({"ill": decrement}, carers=carers)


def test_table_frame_and_copy():
    table = FOUND.table()
    assert list(table.index) == list(FOUND.states)
    assert "repeated measurements" in table.attrs["notes"][0]
    assert FOUND.table("no").columns[1] == "Standardfeil"
    assert FOUND.to_frame()["se"].tolist() == FOUND.se.tolist()
    again = pickle.loads(pickle.dumps(FOUND))
    np.testing.assert_array_equal(again.covariance, FOUND.covariance)
    with pytest.raises(ValueError, match="read-only"):
        again.mean[0] = 0.0
    assert "stable" in FOUND._repr_html_()


@pytest.mark.parametrize("language", ["en", "no"])
def test_figure_shows_each_mean_with_its_interval(language):
    ax = FOUND.plot(language=language)
    (container,) = ax.containers
    dots, _, (bars,) = container.lines
    np.testing.assert_allclose(dots.get_xdata(), FOUND.mean, rtol=1e-14)
    ends = np.array([segment[:, 0] for segment in bars.get_segments()])
    half = 1.959963984540054 * FOUND.se
    np.testing.assert_allclose(ends, np.column_stack([FOUND.mean - half, FOUND.mean + half]))
    texts = [text.get_text() for text in ax.texts]
    for state, mean, n in zip(FOUND.states, FOUND.mean, FOUND.n, strict=True):
        shown = f"{mean:.2f}" if language == "en" else f"{mean:.2f}".replace(".", ",")
        assert f"{state}  {shown}" in texts
        assert any(text.startswith(f"{n} ") for text in texts)
    assert any("95" in text for text in texts)
    plt.close(ax.figure)
