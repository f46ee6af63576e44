"""The compiled cohort against plain NumPy, on random models."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import prioritering as pr
from tests.models.twins import cohort_trace, rate_matrices, reward_total

NO_DISCOUNT = pr.Discounting.none()


class Random:
    """A random model over (cycles, draws), with every way a value may vary."""

    def __init__(self, seed, n_states, n_cycles, n_draws, scale):
        rng = np.random.default_rng(seed)
        self.n, self.draws_n, self.s = n_cycles, n_draws, n_states
        self.edges = {}
        for a in range(n_states - 1):
            for b in range(n_states):
                if a != b:
                    shape = [(1, 1), (1, n_draws), (n_cycles, 1), (n_cycles, n_draws)][
                        rng.integers(4)
                    ]
                    self.edges[a, b] = rng.uniform(0, scale / n_states, shape)
        self.rewards = [
            rng.uniform(0, 100, [(1, 1), (1, n_draws), (n_cycles, 1), (n_cycles, n_draws)][k % 4])
            for k in range(n_states)
        ]
        self.on_move = rng.uniform(0, 50, (n_cycles, n_draws))
        self.on_entry = rng.uniform(0, 50, (n_cycles, 1))
        self.on_exit = rng.uniform(0, 9, (1, n_draws))
        share = rng.uniform(0, 1, (n_states, n_draws))
        self.initial = share / share.sum(axis=0)
        self.draws = pr.Draws.from_arrays({"k": np.arange(float(n_draws))})
        self.names = tuple(f"s{i}" for i in range(n_states))

    def take(self, array, p):
        return array[:, p.k.astype(int)] if array.shape[1] > 1 else array

    def model(self, kind="probabilities", rule="half-cycle"):
        name = self.names
        last = name[-1]

        def costs(p, strategy, t):
            return {
                "stay": {name[i]: self.take(r, p) for i, r in enumerate(self.rewards)},
                "move": {
                    (name[0], last): self.take(self.on_move, p),
                    pr.entry(name[1]): self.on_entry,
                },
                "out": {(name[1], last): self.take(self.on_exit, p), pr.at_start: 7.0},
            }

        return pr.MarkovModel(
            states=name,
            strategies=("only",),
            cycle=pr.months(6),
            horizon=pr.months(6 * self.n),
            transitions=lambda p, s, t: {
                (name[a], name[b]): self.take(v, p) for (a, b), v in self.edges.items()
            },
            costs=costs,
            utilities=dict.fromkeys(name[:-1], 0.5),
            initial=lambda p, s, t: {
                name[i]: self.take(self.initial[i][None], p)[0] for i in range(self.s)
            },
            dead=last,
            kind=kind,
            correction=pr.CycleCorrection(rule),
        )

    def full(self, array, draw):
        return np.broadcast_to(array, (self.n, self.draws_n))[:, draw]

    def matrices(self, draw):
        out = np.zeros((self.n, self.s, self.s))
        for (a, b), v in self.edges.items():
            out[:, a, b] = self.full(v, draw)
        return out


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_states=st.integers(3, 6),
    n_cycles=st.integers(2, 12),
    n_draws=st.integers(1, 5),
    rule=st.sampled_from(["none-start", "none-end", "half-cycle", "simpson"]),
)
def test_probabilities(seed, n_states, n_cycles, n_draws, rule):
    random = Random(seed, n_states, n_cycles, n_draws, scale=1.0)
    out = random.model(rule=rule).run(random.draws, discounting=NO_DISCOUNT, trace=True)
    weights = pr.CycleCorrection(rule).weights(n_cycles) * 0.5
    for d in range(n_draws):
        matrices = random.matrices(d)
        for i in range(n_cycles):
            np.fill_diagonal(matrices[i], 1 - matrices[i].sum(axis=1))
        trace = cohort_trace(matrices, random.initial[:, d])
        np.testing.assert_allclose(out.trace.occupancy[0, d], trace, atol=1e-14)
        rewards = np.column_stack([random.full(r, d) for r in random.rewards])
        assert out.cost_by_category[0, 0, d] == pytest.approx(
            reward_total(trace, rewards, weights), rel=1e-12
        )
        flow = trace[:-1, :, None] * matrices
        last = n_states - 1
        entering = sum(flow[:, a, 1] for a in range(n_states) if a != 1)
        moved = flow[:, 0, last] @ random.full(random.on_move, d) + entering @ random.full(
            random.on_entry, d
        )
        assert out.cost_by_category[1, 0, d] == pytest.approx(moved, rel=1e-12)
        left = flow[:, 1, last] @ random.full(random.on_exit, d) + 7.0
        assert out.cost_by_category[2, 0, d] == pytest.approx(left, rel=1e-12)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_states=st.integers(3, 5),
    n_cycles=st.integers(2, 6),
    scale=st.sampled_from([0.0, 1e-9, 0.3, 20.0, 900.0]),
)
def test_rates_are_the_matrix_exponential(seed, n_states, n_cycles, scale):
    random = Random(seed, n_states, n_cycles, 3, scale)
    out = random.model(kind="rates").run(random.draws, discounting=NO_DISCOUNT, trace=True)
    for d in range(3):
        matrices = rate_matrices(random.matrices(d), 0.5)
        trace = cohort_trace(matrices, random.initial[:, d])
        np.testing.assert_allclose(out.trace.occupancy[0, d], trace, atol=2e-12)
    np.testing.assert_allclose(out.trace.occupancy.sum(axis=-1), 1.0, atol=1e-13)


def test_expected_moves_under_rates_equal_the_closed_form():
    # one living state left at rate r: moves within a cycle of length h are 1 - exp(-r h)
    rates = np.array([0.0, 0.2, 3.0, 40.0])
    model = pr.MarkovModel(
        states=("well", "dead"),
        strategies=("only",),
        cycle=pr.years(0.5),
        horizon=pr.years(1),
        transitions=lambda p, s, t: {("well", "dead"): p.r},
        costs={("well", "dead"): 10.0},
        utilities={"well": 1.0},
        kind="rates",
    )
    out = model.run(pr.Draws.from_arrays({"r": rates}), discounting=NO_DISCOUNT)
    np.testing.assert_allclose(out.cost[0], 10 * -np.expm1(-rates), rtol=1e-12, atol=1e-15)
