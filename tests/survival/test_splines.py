"""Royston-Parmar splines: special cases and impossible ones (R's numbers: test_reference.py)."""

from __future__ import annotations

import numpy as np
import pytest

import prioritering.survival as ps
from prioritering.errors import CurveError

YEARS = np.concatenate([[0.0], np.geomspace(1e-4, 80, 100)])


@pytest.mark.parametrize(
    ("scale", "family"),
    [
        ("hazard", lambda a, b: ps.weibull(shape=b, scale=np.exp(-a / b))),
        ("odds", lambda a, b: ps.loglogistic(shape=b, scale=np.exp(-a / b))),
        ("normal", lambda a, b: ps.lognormal(meanlog=-a / b, sdlog=1 / b)),
    ],
)
def test_without_inner_knots_it_is_a_known_family(scale, family) -> None:
    curve, known = ps.spline(gammas=[-0.7, 1.3], knots=[-1, 2], scale=scale), family(-0.7, 1.3)
    np.testing.assert_allclose(
        curve.cumulative_hazard(YEARS), known.cumulative_hazard(YEARS), rtol=1e-13
    )
    np.testing.assert_allclose(curve.hazard(YEARS), known.hazard(YEARS), rtol=1e-12)


def test_linear_beyond_the_boundary_knots() -> None:
    curve = ps.spline(gammas=[-1.2, 1.3, 0.05, -0.01], knots=[-1.0, 0.2, 0.9, 1.5])
    for x in (np.array([-5.0, -3.0, -1.0]), np.array([1.5, 3.0, 4.5])):
        eta = np.log(curve.cumulative_hazard(np.exp(x))[:, 0])
        assert eta[1] - eta[0] == pytest.approx(eta[2] - eta[1], rel=1e-12)


def test_smooth_at_the_knots() -> None:
    curve = ps.spline(gammas=[-1.2, 1.3, 0.05, -0.01], knots=[-1.0, 0.2, 0.9, 1.5])
    for knot in (-1.0, 0.2, 0.9, 1.5):
        below, above = curve.hazard(np.exp([knot - 1e-9, knot + 1e-9]))[:, 0]
        assert below == pytest.approx(above, rel=1e-7)


def test_gammas_per_draw() -> None:
    gammas = np.array([[-1.2, -1.0, -0.8], [1.3, 1.1, 1.2], [0.05, 0.04, 0.03]])
    many = ps.spline(gammas=gammas, knots=[-2, 0.5, 2])
    assert many.n_draws == 3
    for d in range(3):
        one = ps.spline(gammas=gammas[:, d], knots=[-2, 0.5, 2])
        np.testing.assert_array_equal(many.survival(YEARS)[:, d], one.survival(YEARS)[:, 0])


def test_a_spline_that_falls_between_its_knots_names_the_draw() -> None:
    gammas = np.array([[-1.0, -1.0], [0.2, 0.2], [0.01, -0.4], [0.0, 0.5]])
    with pytest.raises(
        CurveError, match=r"survival would rise \(draw 1\).*found slope -"
    ) as caught:
        ps.spline(gammas=gammas, knots=[-2, -0.5, 0.5, 2])
    slope = float(str(caught.value.found).split()[1])
    x = np.linspace(-2, 2, 40_001)
    v1, v2 = (
        np.maximum(x - k, 0) ** 3
        - (2 - k) / 4 * np.maximum(x + 2, 0) ** 3
        - (1 - (2 - k) / 4) * np.maximum(x - 2, 0) ** 3
        for k in (-0.5, 0.5)
    )
    eta = -1.0 + 0.2 * x - 0.4 * v1 + 0.5 * v2
    assert slope == pytest.approx(np.gradient(eta, x).min(), rel=1e-7)


def test_a_spline_that_falls_at_the_start() -> None:
    with pytest.raises(CurveError, match="above 0 before the first knot; found slope -0.1"):
        ps.spline(gammas=[0.0, -0.1], knots=[-1, 1])


@pytest.mark.parametrize("knots", [[1.0], [1.0, 1.0], [2.0, 1.0], [0.0, np.nan], [[0, 1]]])
def test_knots_out_of_order(knots) -> None:
    with pytest.raises(CurveError, match="two or more finite log times that rise"):
        ps.spline(gammas=[0, 1], knots=knots)


def test_wrong_number_of_gammas() -> None:
    with pytest.raises(CurveError, match=r"expected \(3,\) or \(3, draws\).*found shape \(2,\)"):
        ps.spline(gammas=[0, 1], knots=[-1, 0, 1])


def test_gammas_not_finite() -> None:
    with pytest.raises(
        CurveError, match=r"gammas of a spline.*parameter gammas, draw 1.*found nan"
    ):
        ps.spline(gammas=[[0, np.nan], [1, 1]], knots=[-1, 1])


def test_unknown_scale() -> None:
    with pytest.raises(CurveError, match="'hazard', 'odds', 'normal'.*found 'hazards'"):
        ps.spline(gammas=[0, 1], knots=[-1, 1], scale="hazards")
