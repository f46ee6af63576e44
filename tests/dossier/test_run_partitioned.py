"""Running a partitioned case: its curves, states and costs against plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from prioritering.dossier import Case, run_case
from prioritering.errors import (
    CurveError,
)

from .conftest import PARTITIONED

Load = Callable[..., Case]


CROSSING = ('scale = "1 / (0.4 * rate)"', 'scale = "1 / (1.1 * rate)"')


def test_curves_that_cross_are_noted_and_counted_or_refused(load: Load) -> None:
    with pytest.raises(
        CurveError, match=r"cross \(file case.toml, strategy 'standard'.*crossing = "
    ):
        run_case(load(CROSSING, text=PARTITIONED))
    capped = load(CROSSING, ("age = 60", 'age = 60\ncrossing = "cap"'), text=PARTITIONED)
    run = run_case(capped, draws=30)
    assert any("curves cross and were capped" in note for note in run.notes)
    assert not any("outcomes." in note for note in run.notes)
    assert run.results["psa"]["diagnostics"]["crossings"] == {"standard": 30, "new": 30}
    assert len(run.notes) == len(set(run.notes))


def test_a_partitioned_case_agrees_with_plain_numpy(load: Load) -> None:
    run = run_case(load(text=PARTITIONED), draws=7)
    assert run.psa is not None
    rate = run.parameters.sample(7, seed=1).rate
    t = np.arange(121)[:, None] / 12
    inner, outer = np.exp(-0.7 * rate * t), np.exp(-0.4 * 0.7 * rate * t)
    factor = 1.04**-t
    mean = (np.r_[0.5, np.ones(119), 0.5] / 12)[:, None]
    free, ill = (mean * factor * inner).sum(0), (mean * factor * (outer - inner)).sum(0)
    np.testing.assert_allclose(run.psa.qaly[1], 0.8 * free + 0.5 * ill, rtol=1e-12)
    middle = 1.04 ** -(t[:-1] + 1 / 24)
    leave, die = (-np.diff(curve, axis=0) * middle for curve in (inner, outer))
    care = 10 + 2000 * ill + 300 * leave.sum(0) + 50 * die.sum(0)
    np.testing.assert_allclose(run.psa.cost_by_category[0, 1], 1000 * free, rtol=1e-12)
    np.testing.assert_allclose(run.psa.cost_by_category[1, 1], care, rtol=1e-11)
    np.testing.assert_array_equal(run.psa.cost_by_category[0, 0], 0)


@pytest.mark.parametrize(
    ("curve", "survival"),
    [
        ('family = "exponential"\nrate = 0.3', lambda t: np.exp(-0.3 * t)),
        ('family = "weibull"\nshape = 1.3\nscale = 4', lambda t: np.exp(-((t / 4) ** 1.3))),
        ('family = "weibull_ph"\nshape = 1.3\nscale = 0.2', lambda t: np.exp(-0.2 * t**1.3)),
        (
            'family = "gompertz"\nshape = 0.1\nrate = 0.2',
            lambda t: np.exp(-0.2 / 0.1 * np.expm1(0.1 * t)),
        ),
        ('family = "loglogistic"\nshape = 2\nscale = 3', lambda t: 1 / (1 + (t / 3) ** 2)),
        ('family = "lognormal"\nmeanlog = 1\nsdlog = 0.8', stats.lognorm(0.8, scale=np.e).sf),
        ('family = "gamma"\nshape = 2\nrate = 0.5', stats.gamma(2, scale=2).sf),
        (
            'family = "generalised_gamma"\nmu = 1\nsigma = 0.5\nQ = 1',
            lambda t: np.exp(-((t / np.e) ** 2)),
        ),
        (
            'family = "table"\ncsv = "km.csv"\ntime = "year"\nsurvival = "alive"\n'
            'interpolation = "linear"',
            lambda t: np.interp(t, [0, 2, 10], [1, 0.6, 0.1]),
        ),
        (
            'family = "exponential"\nrate = 0.3\nthen = [{ acceleration_factor = 1.5 }]',
            lambda t: np.exp(-0.2 * t),
        ),
        (
            'family = "exponential"\nrate = 0.3\nthen = [{ odds_ratio = 0.5 }]',
            lambda t: 1 / (1 + 0.5 * np.expm1(0.3 * t)),
        ),
        (
            'family = "exponential"\nrate = 0.3\nthen = [{ switch_at = 2, to = "fast" }]',
            lambda t: np.exp(-0.3 * np.minimum(t, 2) - 0.9 * np.maximum(t - 2, 0)),
        ),
        (
            'family = "exponential"\nrate = 0.3\nthen = [{ add_hazard_of = "fast" }]',
            lambda t: np.exp(-1.2 * t),
        ),
    ],
)
def test_each_family_and_step_is_the_curve_it_names(
    load: Load, curve: str, survival: Callable[[Any], Any]
) -> None:
    changes = (
        (
            'family = "exponential"\nrate = "rate"\nthen = [{ hazard_ratio = "hr" }]',
            f'{curve}\n[curves.fast]\nfamily = "exponential"\nrate = 0.9',
        ),
        ('scale = "1 / (0.4 * rate)"', "scale = 1e6"),
    )
    run = run_case(load(*changes, text=PARTITIONED, km="year,alive\n0,1\n2,0.6\n10,0.1\n"), draws=0)
    assert run.base.trace is not None
    t = np.arange(121) / 12
    np.testing.assert_allclose(
        run.base.trace.occupancy[0, 0, :, 0], survival(t), rtol=1e-10, atol=1e-14
    )


def test_the_population_is_a_floor_or_an_added_cause(load: Load) -> None:
    weak = ('family = "exponential"\nrate = "rate"\nthen = [{ hazard_ratio = "hr" }]',)
    never = ('scale = "1 / (0.4 * rate)"', "scale = 1e6")
    for step, expected in (
        ('{ floor = "population" }', lambda h, t: np.maximum(np.diff(h), 0.005 / 12)),
        ('{ add_hazard_of = "population" }', lambda h, t: np.diff(h) + 0.005 / 12),
    ):
        text = f'family = "exponential"\nrate = 0.005\nthen = [{step}]'
        run = run_case(load((weak[0], text), never, text=PARTITIONED), draws=0)
        assert run.base.trace is not None
        t = np.arange(121) / 12
        h = -np.log(run.rules.life_table.survival(60, t))
        survival = np.exp(-np.r_[0, np.cumsum(expected(h, t))])
        np.testing.assert_allclose(run.base.trace.occupancy[0, 0, :, 0], survival, rtol=1e-11)
