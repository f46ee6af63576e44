"""Shares of the gain after the follow-up: closed forms, a real model, refusals."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import prioritering as pr
from prioritering.decision import extrapolated_share
from prioritering.errors import ResultError, UnknownNameError
from prioritering.outcomes import Outcomes


def pair(whole, within):
    """Two runs whose gains are what is given, over a reference of 5 and 2 QALYs."""
    whole, within = np.atleast_1d(np.asarray(whole, float)), np.atleast_1d(within)
    runs = []
    for base, gain in ((5.0, whole), (2.0, within)):
        qaly = np.stack([np.full(gain.size, base), base + gain])
        runs.append(Outcomes.from_arrays(["old", "new"], cost=qaly, qaly=qaly, life_years=qaly))
    return runs


def test_ratio_of_means_with_its_error_and_interval():
    rng = np.random.default_rng(4)
    gain = rng.normal(1.0, 0.1, 5000)
    after = 0.4 * gain + rng.normal(0.0, 0.05, 5000)
    found = extrapolated_share(*pair(gain, gain - after), reference="old").qaly
    share = after.mean() / gain.mean()
    assert found.share == pytest.approx(share, rel=1e-12)
    # Jackknife: another way to the error of a ratio of means.
    n = gain.size
    left_out = (after.sum() - after) / (gain.sum() - gain)
    jackknife = np.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum())
    assert found.share_se == pytest.approx(jackknife, rel=1e-5)
    np.testing.assert_allclose(found.interval, np.quantile(after / gain, [0.025, 0.975]), rtol=1e-9)
    assert found.status == "gain"


@pytest.mark.parametrize(
    ("whole", "within", "share", "status"),
    [
        (2.0, 0.5, 0.75, "gain"),
        (2.0, -1.0, 1.5, "gain only after follow-up"),
        (2.0, 3.0, -0.5, "gain shrinks after follow-up"),
        (-2.0, -0.5, 0.75, "loss"),
        (0.0, 0.0, None, "no difference"),
        (1e-14, 0.0, None, "no difference"),
    ],
)
def test_one_draw_in_every_direction(whole, within, share, status):
    found = extrapolated_share(*pair(whole, within), reference="old").qaly
    assert found.status == status
    assert found.share == (share if share is None else pytest.approx(share, rel=1e-9))
    assert (found.share_se, found.interval) == (None, None)


def test_a_gain_that_is_not_clear_has_no_share():
    gain = np.array([-1.0, 1.0, -0.9, 1.1])
    found = extrapolated_share(*pair(gain, gain / 2), reference="old")
    assert (found.qaly.share, found.qaly.status) == (None, "not clearly different from 0")
    assert "not clearly different from 0" in repr(found)
    cell = found.table().loc["QALYs", "Meaning"]
    assert "the gain is not clearly different from 0" in cell


def test_draws_without_a_gain_leave_no_interval():
    gain = np.concatenate([np.full(50, 1.0), [-0.1]])
    found = extrapolated_share(*pair(gain, gain / 4), reference="old")
    assert found.qaly.interval is None
    assert found.qaly.share == pytest.approx(0.75, rel=1e-12)
    assert "both sides of no gain" in " ".join(found.table().attrs["notes"])


@settings(deadline=None, max_examples=60)
@given(st.floats(0.01, 1.0), st.floats(-1.0, 2.0), st.integers(2, 40))
def test_a_constant_share_is_found_whatever_the_scale(scale, share, n):
    gain = scale * np.linspace(1.0, 2.0, n)
    found = extrapolated_share(*pair(gain, (1 - share) * gain), reference="old").qaly
    assert found.share == pytest.approx(share, rel=1e-9, abs=1e-10)
    np.testing.assert_allclose(found.interval, share, rtol=1e-9, atol=1e-10)


@pytest.fixture(scope="module")
def model():
    """Constant hazards: life years within T are (1 - exp(-hT)) / h."""
    return pr.MarkovModel(
        states=("alive", "dead"),
        strategies=("old", "new"),
        cycle=pr.months(1),
        horizon=pr.years(30),
        age=60,
        transitions=lambda p, s, t: {
            ("alive", "dead"): pr.rate_to_prob((0.3 if s == "old" else 0.2) * p.k, t.cycle_length)
        },
        costs=lambda p, s, t: {"drug": {"alive": 1.0}},
        utilities=lambda p, s, t: {"alive": 1.0},
    )


def test_a_model_of_constant_hazards_has_a_closed_form(model):
    rules = pr.guideline("no", as_of="2026-11-01")
    draws = pr.Parameters(k=pr.fixed(1.0, source="test")).expected()
    whole = model.run(draws, rules)
    seen = replace(model, horizon=pr.years(7)).run(draws, rules)
    found = extrapolated_share(whole, seen, reference="old").shares["life_years_undiscounted"]

    def years(hazard, horizon):
        """Monthly cohort with trapezoid corrections: a geometric sum."""
        alive = np.exp(-hazard * np.arange(12 * horizon + 1) / 12)
        return np.sum(alive[:-1] + alive[1:]) / 24

    gain, within = (years(0.2, t) - years(0.3, t) for t in (30, 7))
    assert found.gain.item() == pytest.approx(gain, rel=1e-9)
    assert found.share == pytest.approx(1 - within / gain, rel=1e-9)
    table = extrapolated_share(whole, seen, reference="old").table()
    assert "Follow-up: 7 years; horizon: 30 years." in table.attrs["notes"][0]
    with pytest.raises(ResultError, match=r"same horizon.*30 years"):
        extrapolated_share(whole, whole, reference="old")
    with pytest.raises(ResultError, match=r"exceed those of the whole horizon.*Swap"):
        extrapolated_share(seen, whole, reference="old")
    flat = replace(model, horizon=pr.years(7)).run(
        draws, rules, discounting=pr.Discounting.flat(0.0)
    )
    with pytest.raises(ResultError, match=r"differ in more than their horizon.*discounting_costs"):
        extrapolated_share(whole, flat, reference="old")


def test_runs_that_do_not_belong_together():
    one, other = pair([1.0, 2.0], [0.5, 1.0])
    with pytest.raises(UnknownNameError, match=r"reference 'olde'.*'old'"):
        extrapolated_share(one, other, reference="olde")
    three, _ = pair([1.0, 2.0, 3.0], [0.5, 1.0, 1.5])
    with pytest.raises(ResultError, match=r"different numbers of draws.*2.*found 3.*same draws"):
        extrapolated_share(one, three, reference="old")
    named = Outcomes.from_arrays(["old", "newer"], cost=one.qaly, qaly=one.qaly)
    with pytest.raises(ResultError, match=r"different strategies"):
        extrapolated_share(one, named, reference="old")
    with pytest.raises(ResultError, match=r"truncated is of another kind.*float"):
        extrapolated_share(one, 7.0, reference="old")


def test_frame_pickle_and_views():
    rng = np.random.default_rng(0)
    gain = rng.normal(1.0, 0.1, 50)
    found = extrapolated_share(*pair(gain, gain * 0.3), reference="old")
    frame = found.to_frame().set_index("measure")
    assert list(frame.index) == ["qaly", "life_years"]
    row = frame.loc["qaly"]
    assert row["within"] + row["after"] == pytest.approx(row["gain"], rel=1e-12)
    assert pickle.loads(pickle.dumps(found)).qaly.share == found.qaly.share
    with pytest.raises(ValueError, match="read-only"):
        found.qaly.gain[0] = 0.0
    for language, word in (("en", "share of the gain"), ("no", "andel av gevinsten")):
        assert (found.table(language).iloc[:, -1] == word).all()
    assert "0.7" in repr(found)
    assert found._repr_html_().count("<table") == 1


def test_one_run_given_twice_is_refused(run):
    whole = run([[0.0, 0.0], [1.0, 1.0]], [[1.0, 1.0], [2.0, 3.0]])
    with pytest.raises(ResultError, match=r"the same horizon.*one run given twice"):
        extrapolated_share(whole, whole, reference="standard")
