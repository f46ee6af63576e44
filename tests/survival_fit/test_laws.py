"""Densities and tails that fits are made of: against the curves, and their derivatives."""

import decimal
import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prioritering.survival.fit import _special
from prioritering.survival.fit._jets import variables
from prioritering.survival.fit.flexible import CureLaw, PiecewiseLaw, SplineLaw
from prioritering.survival.fit.laws import CLOSED

LOG_T = np.log([0.02, 0.3, 0.9, 1.7, 3.1, 6.5])
KNOTS = tuple(np.log([0.05, 0.6, 2.0, 5.0]))
SPLINES = [SplineLaw(scale, KNOTS) for scale in ("hazard", "odds", "normal")]
LAWS = [
    *((law, values) for law in CLOSED.values() for values in [np.linspace(0.3, -0.2, 4)]),
    (CLOSED["generalised_gamma"], np.array([0.4, -0.1, -0.9])),
    (CLOSED["generalised_gamma"], np.array([0.4, -0.1, 0.004])),
    (CLOSED["generalised_gamma"], np.array([2.2, -1.1, 4.0])),
    (CLOSED["generalised_f"], np.array([0.4, -0.1, -0.7, -1.0])),
    *((law, np.array([-0.6, 1.1, 0.05, -0.04])) for law in SPLINES),
    (PiecewiseLaw((1.0, 3.0)), np.array([-1.0, -0.4, -1.3])),
    (CureLaw(CLOSED["weibull"], "mixture"), np.array([-0.4, 0.2, 0.9])),
    (CureLaw(CLOSED["lognormal"], "non-mixture"), np.array([0.3, 0.2, 0.1])),
    (CureLaw(SPLINES[0], "mixture"), np.array([0.1, -0.6, 1.1, 0.05, -0.04])),
]
IDS = [f"{law.name} {i}" for i, (law, _) in enumerate(LAWS)]


def both(law, log_t, at):
    """Log density and log survival with gradient and Hessian in the parameters."""
    index = {name: k for k, name in enumerate(law.parameters)}
    terms = law.predictors(log_t)
    design = np.zeros((len(terms), log_t.size, len(index)))
    for row, term in zip(design, terms, strict=True):
        for name, factor in term.items():
            row[:, index[name]] = 1.0 if factor is None else factor
    eta = variables([table @ at for table in design])
    out = []
    for jet in (law.log_density(log_t, eta), law.log_survival(log_t, eta)):
        n = log_t.size
        d = np.broadcast_to(jet.d, (len(terms), n))
        h = np.broadcast_to(jet.h, (len(terms), len(terms), n))
        gradient = np.einsum("kn,knp->np", d, design)
        hessian = np.einsum("kln,knp,lnq->npq", h, design, design)
        out.append((np.broadcast_to(jet.value, n), gradient, hessian))
    return out


def natural(law, at):
    inverse = {"identity": float, "log": np.exp, "logit": lambda x: 1 / (1 + np.exp(-x))}
    rows = zip(law.parameters, law.links, at, strict=False)
    return {name: np.atleast_1d(inverse[link](x)) for name, link, x in rows}


@pytest.mark.parametrize(("law", "at"), LAWS, ids=IDS)
def test_density_and_survival_are_those_of_the_curve(law, at):
    at = at[: len(law.parameters)]
    (density, _, _), (survival, _, _) = both(law, LOG_T, at)
    curve = law.curve(natural(law, at))
    times = np.exp(LOG_T)
    np.testing.assert_allclose(
        survival, -curve.cumulative_hazard(times)[:, 0], rtol=3e-11, atol=1e-15
    )
    expected = np.log(curve.density(times)[:, 0])
    np.testing.assert_allclose(density, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("law", "at"), LAWS, ids=IDS)
def test_gradients_and_hessians_are_derivatives(law, at):
    at = at[: len(law.parameters)]
    step = 1e-5
    exact = both(law, LOG_T, at)
    for k in range(at.size):
        move = step * np.eye(at.size)[k]
        above, below = both(law, LOG_T, at + move), both(law, LOG_T, at - move)
        for (_, gradient, hessian), high, low in zip(exact, above, below, strict=True):
            rough = (high[0] - low[0]) / (2 * step)
            np.testing.assert_allclose(gradient[:, k], rough, rtol=1e-6, atol=1e-8)
            rough = (high[1] - low[1]) / (2 * step)
            np.testing.assert_allclose(hessian[:, k], rough, rtol=2e-5, atol=1e-6)


@given(x=st.floats(-30, 30).filter(lambda x: x != 0))
def test_exponential_means_against_their_series(x):
    """phi is the sum of x**k / (k + start)!, here by 60 decimal digits."""
    with decimal.localcontext(decimal.Context(prec=60)):
        for start in (1, 2):
            found = [float(v[0]) for v in _special.exponential_means(np.array([x]), start=start)]
            expected = [
                sum(
                    math.perm(k, order) * Decimal(x) ** (k - order) / math.factorial(k + start)
                    for k in range(order, 200)
                )
                for order in range(3)
            ]
            np.testing.assert_allclose(found, [float(e) for e in expected], rtol=3e-13)


# Q, w, then log survival of the log-gamma law, its first two derivatives in Q, first two in w,
# and the mixed one: mpmath 1.3 with 40 digits (regularised incomplete gamma, Richardson).
PRENTICE = [
    (
        2.5,
        -1.5,
        -0.5798431411366015,
        -0.23924619159480395,
        0.020616705513840775,
        -0.3132853029143692,
        -0.22051469653415054,
        -0.04725255465128044,
    ),
    (
        2.5,
        1.4,
        -8.588234279635735,
        -4.693812049552838,
        -3.371041737400282,
        -15.07504415662136,
        -33.60021376922837,
        -14.376422671407939,
    ),
    (
        0.7,
        0.2,
        -1.1060889116309958,
        -0.3728112453123914,
        -0.08327849064437144,
        -1.1338938580522178,
        -1.0422945133994226,
        -0.29169782654367754,
    ),
    (
        0.05,
        -1.5,
        -0.07418467505473661,
        -0.1033627295971199,
        -0.10246378190151251,
        -0.14336567815684087,
        -0.22773579934849203,
        -0.09130995244536289,
    ),
    (
        0.05,
        1.4,
        -2.5781361943621453,
        -1.2492987563562123,
        -0.519886576345322,
        -1.9265230046604798,
        -0.9177173032392468,
        -1.4781902642650029,
    ),
    (
        -0.3,
        0.2,
        -0.7738481432422474,
        -0.29706670483537495,
        -0.05944224484851938,
        -0.8418155939095068,
        -0.5452417483246396,
        -0.2910428548472138,
    ),
    (
        -1.6,
        -1.5,
        -0.0021794257756359023,
        -0.007177920714182595,
        -0.0189868564797373,
        -0.016832384917676812,
        -0.10572955601747068,
        -0.03970050620868515,
    ),
    (
        -1.6,
        1.4,
        -1.134806578555425,
        -0.5239386294543172,
        -0.35671083361011313,
        -0.6065424863960707,
        -0.02916198752110776,
        -0.33714285226885665,
    ),
]


@pytest.mark.parametrize("row", PRENTICE)
def test_log_gamma_tail_against_forty_digits(row):
    q, w, value, in_q, in_qq, in_w, in_ww, in_wq = row
    found = _special.prentice_survival(np.array([w]), np.array([q]))
    got = [x[0] for x in (found.value, found.a, found.aa)]
    np.testing.assert_allclose(got, [value, in_w, in_ww], rtol=1e-12)
    np.testing.assert_allclose([found.b[0], found.ab[0]], [in_q, in_wq], rtol=1e-9)
    np.testing.assert_allclose(found.bb[0], in_qq, rtol=1e-5)


def test_tail_of_a_large_q_does_not_vanish_where_its_argument_underflows():
    """P(a, x) = x**a / Gamma(a + 1) for tiny x: with a = 0.000625, x = e**-1400 matters."""
    w, q = np.array([-35.0]), np.array([40.0])
    a = 1 / 1600
    log_x = np.log(a) + 40.0 * -35.0
    exact = math.log(1 - math.exp(a * log_x) / math.gamma(a + 1))
    found = _special.prentice_survival(w, q).value[0]
    np.testing.assert_allclose(found, exact, rtol=1e-12)
