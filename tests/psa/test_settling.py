"""Running means and ratios against a comparison of every beginning of the run."""

import pickle

import numpy as np
import pytest

from prioritering.cea import compare
from prioritering.errors import ResultError, UnknownNameError
from prioritering.outcomes import Outcomes
from prioritering.psa import settling


@pytest.fixture(scope="module")
def short():
    """Sixty draws; the first effects change sign."""
    rng = np.random.default_rng(8)
    cost, effect = rng.normal(3e5, 1e5, 60), rng.normal(0.6, 0.5, 60)
    effect[:4] = [-2.0, 0.5, -0.4, 0.3]
    return Outcomes.from_arrays(["a", "b"], cost=[0 * cost, cost], qaly=[0 * effect, effect])


def test_every_beginning_is_a_run_of_that_many(short):
    found = settling(short, reference="a", wtp=495_000)
    start = int(found.icer.draws[0])
    for k in range(2, 61):
        part = Outcomes.from_arrays(["a", "b"], cost=short.cost[:, :k], qaly=short.qaly[:, :k])
        row = compare(part, reference="a", wtp=495_000).pairwise[0]
        for running, value, se in (
            (found.cost, row.incremental_cost, row.incremental_cost_se),
            (found.qaly, row.incremental_qaly, row.incremental_qaly_se),
            (found.nmb, row.incremental_nmb, row.incremental_nmb_se),
        ):
            assert running.mean[k - 2] == pytest.approx(value, rel=1e-10, abs=1e-7)
            assert running.se[k - 2] == pytest.approx(se, rel=1e-9)
        if k >= start:
            assert found.icer.mean[k - start] == pytest.approx(row.icer, rel=1e-10)
            assert found.icer.se[k - start] == pytest.approx(row.icer_se, rel=1e-8)


def test_the_ratio_starts_where_signs_have_settled(short):
    found = settling(short, reference="a")
    start = int(found.icer.draws[0])
    effect = np.cumsum(short.qaly[1] - short.qaly[0])
    assert effect[start - 2] < 0 < effect[start - 1 :].min()


def test_what_was_not_followed(short):
    found = settling(short, reference="a")
    assert set(found.to_frame()["quantity"]) == {"cost", "qaly", "icer"}
    with pytest.raises(ResultError, match="nmb was not followed.*Give wtp"):
        found.of("nmb")
    with pytest.raises(UnknownNameError, match="unknown quantity 'icers'.*'icer'"):
        found.of("icers")
    dominant = settling((-short.cost, short.qaly), reference="strategy 1")
    with pytest.raises(ResultError, match="icer was not followed.*Follow net benefit instead"):
        dominant.plot("icer")


def test_table_has_a_dash_before_the_ratio_has_a_meaning(short, language):
    found = settling(short, reference="a", wtp=495_000)
    table = found.table(language)
    assert table.shape == (9, 4)
    assert table.iloc[0, 3] == "\N{EN DASH}"
    assert "(" in table.iloc[-1, 3]
    assert "<table" in found._repr_html_()


def test_pickle_and_repr(short):
    found = settling(short, reference="a")
    assert repr(pickle.loads(pickle.dumps(found))) == "Settling(b against a, 60 draws)"
    with pytest.raises(ValueError, match="read-only"):
        found.icer.mean[0] = 1.0


@pytest.mark.parametrize(
    ("asked", "kind", "message"),
    [
        ({"reference": "c"}, UnknownNameError, "unknown reference 'c'"),
        ({"reference": "a", "wtp": -1}, ResultError, "finite amount above 0"),
    ],
)
def test_bad_questions(short, asked, kind, message):
    with pytest.raises(kind, match=message):
        settling(short, **asked)
