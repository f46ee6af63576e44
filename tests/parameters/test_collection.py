"""Parameters together: names, base case, sampling, the frame."""

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import scipy.stats as st
from hypothesis import given, settings
from hypothesis import strategies as some

from prioritering.errors import (
    ParameterError,
    PrioriteringWarning,
    UnknownNameError,
)
from prioritering.parameters import (
    Parameters,
    beta,
    dirichlet,
    empirical,
    fixed,
    gamma,
    lognormal,
    multivariate_normal,
    normal,
    triangular,
    uniform,
)
from prioritering.parameters.sampling import stream

ALL = {
    "hr_new": lognormal(median=0.72, ci=(0.55, 0.94), unit="ratio", source="trial", value=0.72),
    "rate": gamma(mean=0.21, se=0.03, unit="per year"),
    "u_stable": beta(mean=0.82, se=0.02),
    "effect": normal(mean=-0.06, se=0.015),
    "share": uniform(low=0.2, high=0.6, assumption=True),
    "dose": triangular(low=1, mode=2, high=6),
    "seen": empirical([3.0, 5.0, 10.0]),
    "rows": empirical({"a": [1.0, 2.0, 3.0], "b": [10.0, 20.0, 30.0]}),
    "p_A": dirichlet({"B": 350, "C": 116, "D": 17}),
    "fit": multivariate_normal({"s": 0.2, "t": 1.1}, covariance=[[0.04, 0.01], [0.01, 0.09]]),
    "cost": fixed(250_000, unit="NOK/year", price_year=2024),
}
PINNED = [7696276812932762614, 4832843202343519703]
METHODS = ["random", "sobol", "latin_hypercube"]


def test_order_and_names_are_kept():
    params = Parameters(ALL)
    assert params.names == tuple(ALL) == tuple(params)
    assert len(params) == len(ALL)
    assert params["rate"] is ALL["rate"]
    assert "rate" in params
    assert "Parameters(11: hr_new, rate" in repr(params)
    assert repr(params).endswith("1 assumed)")


def test_mapping_and_keywords_join_and_numbers_are_fixed():
    params = Parameters({"a": 1, "b": np.float64(2.0)}, c=ALL["rate"], d=np.int64(3))
    assert params.names == ("a", "b", "c", "d")
    assert params["a"] == fixed(1)
    assert params["d"].value == 3.0


def test_expected_is_one_draw_of_base_case_values():
    draws = Parameters(ALL).expected()
    assert (draws.n_draws, draws.seed, draws.method) == (1, None, "expected")
    assert draws.hr_new.tolist() == [0.72]
    assert draws.rate.shape == (1,)
    assert draws.rate[0] == pytest.approx(0.21, rel=1e-14)
    assert draws.p_A.array.shape == (3, 1)
    assert draws.p_A.B[0] == pytest.approx(350 / 483, rel=1e-14)
    assert draws.rows.b.tolist() == [20.0]
    assert draws.cost.tolist() == [250_000.0]


@pytest.mark.parametrize("method", METHODS)
def test_every_parameter_is_sampled_by_every_method(method):
    params = Parameters(ALL)
    draws = params.sample(4096, seed=3, method=method)
    assert draws.names == params.names
    for name, parameter in params.items():
        for part, marginal in parameter.distribution.marginals().items():
            x = draws[name][part] if part else draws[name]
            assert x.shape == (4096,)
            assert not x.flags.writeable
            assert abs(x.mean() - marginal.mean) <= 4 * marginal.sd / np.sqrt(4096)


@pytest.mark.parametrize("method", ["sobol", "latin_hypercube"])
def test_even_points_estimate_means_better_than_random_ones(method):
    params = Parameters(ALL)
    even = params.sample(4096, seed=3, method=method)
    for name in ("rate", "u_stable", "effect", "share", "dose"):
        d = params[name].distribution
        assert abs(even[name].mean() - d.mean) < 0.1 * d.sd / np.sqrt(4096)


@pytest.mark.parametrize("name", ["rate", "u_stable", "effect", "share", "dose", "hr_new"])
def test_latin_hypercube_hits_every_cell_once(name):
    draws = Parameters(ALL).sample(100, seed=1, method="latin_hypercube")
    theirs = {
        "rate": st.gamma(49, scale=0.03**2 / 0.21),
        "u_stable": st.beta(301.76, 66.24),
        "effect": st.norm(-0.06, 0.015),
        "share": st.uniform(0.2, 0.4),
        "dose": st.triang(0.2, 1, 5),
        "hr_new": st.lognorm(ALL["hr_new"].distribution.sdlog, scale=0.72),
    }[name]
    cells = np.floor(theirs.cdf(draws[name]) * 100)
    assert sorted(cells) == list(range(100))


def test_even_points_do_not_depend_on_the_order_of_parameters():
    backwards = Parameters(dict(reversed(ALL.items())))
    for method in ("sobol", "latin_hypercube"):
        assert Parameters(ALL).sample(64, seed=5, method=method) == Parameters(
            {k: backwards[k] for k in ALL}
        ).sample(64, seed=5, method=method)
        draws = backwards.sample(64, seed=5, method=method)
        assert np.array_equal(draws.rate, Parameters(ALL).sample(64, seed=5, method=method).rate)


def test_sobol_prefix_and_warning_off_powers_of_two():
    params = Parameters(ALL)
    with pytest.warns(
        PrioriteringWarning, match="power of two; 100 is not. Use 64 or 128"
    ) as caught:
        some_draws = params.sample(100, seed=1, method="sobol")
    assert caught[0].filename == __file__
    assert some_draws == params.sample(128, seed=1, method="sobol").chunk(0, 100)


@pytest.mark.parametrize("method", METHODS)
def test_only_fixed_parameters_need_no_points(method):
    draws = Parameters(a=1, b=2).sample(8, seed=1, method=method)
    assert draws.a.tolist() == [1.0] * 8


@settings(deadline=None, max_examples=20)
@given(kept=some.lists(some.sampled_from(sorted(ALL)), min_size=1, unique=True))
def test_other_parameters_do_not_change_a_parameters_draws(kept):
    whole = Parameters(ALL).sample(50, seed=11)
    part = Parameters({name: ALL[name] for name in kept}).sample(50, seed=11)
    assert all(part[name] is not whole[name] for name in kept)
    assert part == type(whole).from_arrays({name: whole[name] for name in kept})


@settings(deadline=None, max_examples=20)
@given(n=some.integers(1, 400), more=some.integers(0, 400), seed=some.integers(0, 2**70))
def test_a_smaller_sample_is_the_start_of_a_larger(n, more, seed):
    params = Parameters(ALL)
    assert params.sample(n, seed=seed) == params.sample(n + more, seed=seed).chunk(0, n)


def test_seeds_and_names_give_different_streams():
    params = Parameters(a=normal(mean=0, se=1), b=normal(mean=0, se=1))
    one, two = params.sample(1000, seed=1), params.sample(1000, seed=2)
    assert one == params.sample(1000, seed=1)
    assert one != two
    for x, y in ((one.a, one.b), (one.a, two.a)):
        assert abs(np.corrcoef(x, y)[0, 1]) < 4 / np.sqrt(1000)


def test_stream_is_pinned():
    """First words of PCG64 under SeedSequence(1, spawn_key=BLAKE2b-128 of the name)."""
    assert stream(1, "hr_new").bit_generator.random_raw(2).tolist() == PINNED


def test_fingerprint_and_draws_are_the_same_in_another_process():
    program = (
        "from tests.parameters.test_collection import ALL, Parameters;"
        "p = Parameters(ALL);"
        "print(p.fingerprint, p.sample(20, seed=1).to_frame().to_numpy().sum().hex())"
    )
    here = Parameters(ALL)
    expected = [here.fingerprint, here.sample(20, seed=1).to_frame().to_numpy().sum().hex()]
    out = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "77", "PYTHONPATH": ":".join(p for p in sys.path if p)},
    )
    assert out.stdout.split() == expected


def test_fingerprint_ignores_order_and_sees_every_change():
    params = Parameters(ALL)
    assert Parameters(dict(reversed(ALL.items()))).fingerprint == params.fingerprint
    changes = {
        "rate": gamma(mean=0.21, se=0.031, unit="per year"),
        "hr_new": lognormal(median=0.72, ci=(0.55, 0.94), unit="ratio", source="trial"),
        "cost": fixed(250_000, unit="NOK/year", price_year=2023),
        "seen": empirical([3.0, 5.0, 10.5]),
        "share": uniform(low=0.2, high=0.6),
    }
    prints = {params.replace(**{k: v}).fingerprint for k, v in changes.items()}
    assert len(prints | {params.fingerprint}) == len(changes) + 1


def test_provenance_says_where_draws_come_from():
    params = Parameters(ALL)
    assert params.sample(5, seed=9).provenance == {
        "seed": 9,
        "method": "random",
        "n_draws": 5,
        "parameters": params.fingerprint,
        "assumptions": ["share"],
        "numpy": np.__version__,
    }


def test_draws_name_what_is_assumed():
    params = Parameters(
        a=gamma(mean=1, se=0.1, assumption=True), b=1.0, c=fixed(2, assumption=True)
    )
    for draws in (
        params.expected(),
        params.sample(4, seed=1),
        params.sample(4, seed=1).chunk(0, 2),
    ):
        assert draws.provenance["assumptions"] == ["a", "c"]
    assert Parameters(b=1.0).expected().provenance["assumptions"] == []


def test_replace_returns_a_copy():
    params = Parameters(ALL)
    changed = params.replace(rate=0.3, hr_new=ALL["hr_new"])
    assert changed["rate"] == fixed(0.3)
    assert params["rate"] is ALL["rate"]
    assert changed.names == params.names
    with pytest.raises(UnknownNameError, match="unknown parameter 'raet'.*Did you mean 'rate'"):
        params.replace(raet=0.3)


def test_pickle_keeps_parameters():
    copy = pickle.loads(pickle.dumps(Parameters(ALL)))
    assert dict(copy) == ALL
    assert copy.fingerprint == Parameters(ALL).fingerprint
    assert copy.sample(20, seed=1) == Parameters(ALL).sample(20, seed=1)


def test_parameters_cannot_be_assigned_to():
    with pytest.raises(ParameterError, match=r"cannot be changed.*params.replace\(rate=...\)"):
        Parameters(ALL).rate = 3


@pytest.mark.parametrize(
    "name", ["1a", "a b", "", "p.x", "class", "lambda", "_x", "__class__", "if", 3, "ﬁt", "a-b"]
)
def test_names_that_cannot_be_written_are_refused(name):
    with pytest.raises(ParameterError, match="is not usable; expected a Python name"):
        Parameters({name: 1})


@pytest.mark.parametrize("name", ["n_draws", "seed", "names", "chunk", "items", "values", "keys"])
def test_names_draws_uses_are_refused(name):
    with pytest.raises(
        ParameterError, match=f"{name!r} is taken.*Draws.{name} means something else"
    ):
        Parameters({name: 1})


def test_norwegian_names_are_fine():
    assert Parameters(kostnad_år=3).expected().kostnad_år.tolist() == [3.0]


def test_unknown_and_repeated_names_and_other_things_are_refused():
    with pytest.raises(UnknownNameError, match="Did you mean 'hr_new'"):
        Parameters(ALL)["hr_nwe"]
    with pytest.raises(ParameterError, match="given twice.*found 'a'"):
        Parameters({"a": 1}, a=2)
    for bad in ("0.3", True, None, [1, 2]):
        with pytest.raises(
            ParameterError, match="rate is not a parameter; expected a parameter such"
        ):
            Parameters(rate=bad)
    with pytest.raises(ParameterError, match="fixed value is not finite"):
        Parameters(rate=np.nan)


@pytest.mark.parametrize("n", [0, -1, 2.0, "5", True, None])
def test_number_of_draws_must_be_an_integer_from_one(n):
    with pytest.raises(
        ParameterError, match="number of draws is not usable.*integer of at least 1"
    ):
        Parameters(ALL).sample(n, seed=1)


@pytest.mark.parametrize("seed", [-1, 1.0, "x", None, True])
def test_seed_must_be_an_integer_from_zero(seed):
    with pytest.raises(
        ParameterError, match="seed is not usable; expected an integer of at least 0"
    ):
        Parameters(ALL).sample(5, seed=seed)


def test_unknown_method_lists_the_methods():
    with pytest.raises(ParameterError, match="unknown sampling method.*'random', 'sobol', 'latin"):
        Parameters(ALL).sample(5, seed=1, method="halton")


def test_draws_that_overflow_are_refused():
    wide = Parameters(ok=1, x=gamma(shape=1, rate=1e-308))
    with pytest.raises(ParameterError, match=r"draws of x are not finite \(draw \d+\).*from gamma"):
        wide.sample(100, seed=1)


def test_frame_has_a_row_per_number():
    frame = Parameters(ALL).to_frame().set_index("name")
    assert list(frame.index)[7:] == [
        "rows.a",
        "rows.b",
        "p_A.B",
        "p_A.C",
        "p_A.D",
        "fit.s",
        "fit.t",
        "cost",
    ]
    hr = frame.loc["hr_new"]
    assert (hr.value, hr.unit, hr.source) == (0.72, "ratio", "trial")
    law = ALL["hr_new"].distribution
    theirs = st.lognorm(law.sdlog, scale=0.72)
    assert hr["mean"] == pytest.approx(theirs.mean(), rel=1e-12)
    assert (hr.low, hr.high) == pytest.approx(tuple(theirs.ppf([0.025, 0.975])), rel=1e-10)
    assert frame.loc["p_A.D", "high"] == pytest.approx(st.beta(17, 466).ppf(0.975), rel=1e-10)
    assert frame.loc["p_A.D", "distribution"] == "Dirichlet: beta(a 17, b 466)"
    assert frame.loc["cost", "price_year"] == 2024
    assert frame.loc["rate", "price_year"] is pd.NA
    assert frame.index[frame.assumption].tolist() == ["share"]
    assert frame.loc["fit.t", "sd"] == pytest.approx(0.3, rel=1e-14)


def test_frame_of_no_parameters_is_empty():
    assert Parameters().to_frame().empty


def test_table_and_html_are_labelled_and_mark_assumptions():
    params = Parameters(ALL)
    english, norwegian = params.table(), params.table("no")
    assert len(english) == len(norwegian) == len(params.to_frame())
    assert list(english.columns) != list(norwegian.columns)
    assert english.loc["cost"].astype(str).str.contains("250,000").any()
    assert "p_A.B" in params._repr_html_()
    assert "1 assumed" in params._repr_html_()
