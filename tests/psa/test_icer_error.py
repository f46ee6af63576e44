"""Monte Carlo error of the ICER: delta method, bootstrap, and repeated sampling."""

import pickle

import numpy as np
import pytest

from prioritering.cea import compare
from prioritering.errors import ResultError, UnknownNameError
from prioritering.psa import icer_error

RNG = np.random.default_rng(7)


def pair(cost, effect):
    return np.stack([0 * cost, cost]), np.stack([0 * effect, effect])


def test_delta_is_what_the_comparison_prints(several):
    for option in ("A", "B", "AB"):
        found = icer_error(several, reference="SoC", option=option, seed=1)
        rows = compare(several, reference="SoC").pairwise
        row = next(row for row in rows if row.strategy == option)
        assert (found.icer, found.delta_se) == (row.icer, row.icer_se)


def test_both_errors_are_the_spread_over_repeated_runs():
    """A thousand runs of 400 draws against the mean of the errors they report."""
    icers, delta, boot = [], [], []
    for k in range(1000):
        effect = 1.0 + 0.3 * RNG.normal(size=400)
        cost = 3e5 * effect + RNG.normal(0, 1e5, 400)
        draws = pair(cost, effect)
        icers.append(cost.mean() / effect.mean())
        if k < 40:
            found = icer_error(draws, reference="strategy 1", n_bootstrap=500, seed=k)
            delta.append(found.delta_se)
            boot.append(found.bootstrap_se)
    assert np.mean(delta) == pytest.approx(np.std(icers), rel=0.08)
    assert np.mean(boot) == pytest.approx(np.mean(delta), rel=0.02)


def test_bootstrap_is_the_plain_one():
    """A loop over resamples with the same indices."""
    cost, effect = RNG.normal(4e5, 1e5, 300), RNG.normal(1.0, 0.2, 300)
    found = icer_error(pair(cost, effect), reference="strategy 1", n_bootstrap=200, seed=5)
    rng = np.random.default_rng(5)
    ratios = []
    for chosen in rng.integers(0, 300, (200, 300)):
        ratios.append(cost[chosen].mean() / effect[chosen].mean())
    assert found.bootstrap_se == pytest.approx(np.std(ratios, ddof=1), rel=1e-10)
    low, high = found.bootstrap_interval
    assert (low, high) == pytest.approx(np.quantile(ratios, [0.025, 0.975]), rel=1e-12)


def test_the_same_seed_gives_the_same_error(run):
    one, other = (icer_error(run, reference="standard", seed=3) for _ in range(2))
    assert one.bootstrap_se == other.bootstrap_se
    assert pickle.loads(pickle.dumps(one)).bootstrap_interval == one.bootstrap_interval


def test_a_dominant_option_has_no_ratio():
    found = icer_error(pair(RNG.normal(-9, 1, 50), RNG.normal(9, 1, 50)),
                       reference="strategy 1", seed=1)  # fmt: skip
    assert (found.icer, found.delta_se, found.bootstrap_se) == (None, None, None)
    assert "no meaning: dominant" in found.why_not
    assert "dominant" in repr(found)
    assert found.to_frame()["icer"].isna().all()
    assert "no meaning" in " ".join(found.table().attrs["notes"])


def test_an_effect_near_zero_has_no_bootstrap_error():
    effect = np.tile([1.0, -0.9], 50)
    found = icer_error(pair(0 * effect + 100.0, effect), reference="strategy 1", seed=1)
    assert found.bootstrap_se is None
    assert found.bootstrap_interval is None
    assert 300 < found.n_changing < 2000
    assert f"in {found.n_changing} of 2000 resamples" in found.why_not
    assert found.delta_se > 0


def test_table_in_both_languages(run, language):
    table = icer_error(run, reference="standard", seed=1).table(language)
    assert len(table) == 4
    assert table.index.name in ("new against standard", "new mot standard")


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"n_bootstrap": 10}, ResultError, "n_bootstrap cannot be used.*100 or more; found 10"),
        ({"n_bootstrap": 1e3}, ResultError, "integer of 100 or more; found 1000.0"),
        ({"seed": -1}, ResultError, "seed cannot be used.*0 or more; found -1"),
        ({"reference": "sandard"}, UnknownNameError, "unknown reference 'sandard'"),
    ],
)
def test_bad_questions(run, changes, kind, message):
    with pytest.raises(kind, match=message):
        icer_error(run, **{"reference": "standard", "seed": 1, **changes})
