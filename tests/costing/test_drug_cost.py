"""Drug costs against brute force, closed forms and invariants; and wrong input."""

import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import prioritering as pr
from prioritering.costing import (
    LogNormalSize,
    NormalSize,
    ObservedSizes,
    administrations_per_year,
    body_surface,
    drug_cost,
    vat_rate,
)

VIALS = {150.0: 4000.0, 420.0: 11000.0}
COMMON = {"per": "kg", "vials": VIALS, "sharing": False, "vat": "excluded"}
WEIGHT = NormalSize(72.0, sd=14.0)


def cheapest(dose, vials):
    """Every combination of vials, tried one by one: cost, content and number of each."""
    sizes, prices = list(vials), list(vials.values())
    most = [int(np.ceil(dose / size - 1e-9)) for size in sizes]
    options = [
        (
            sum(n * p for n, p in zip(c, prices, strict=True)),
            sum(n * s for n, s in zip(c, sizes, strict=True)),
            c,
        )
        for c in itertools.product(*(range(m + 1) for m in most))
        if sum(n * s for n, s in zip(c, sizes, strict=True)) >= dose - 1e-9
    ]
    least = min(cost for cost, _, _ in options)
    return min((o for o in options if o[0] <= least * (1 + 1e-12)), key=lambda o: o[1])


@settings(max_examples=60, deadline=None)
@given(
    doses=st.lists(st.integers(1, 900), min_size=1, max_size=5),
    vials=st.dictionaries(
        st.sampled_from([20, 50, 60, 100, 140, 250]), st.integers(1, 500), min_size=1, max_size=3
    ),
)
def test_whole_vials_against_every_combination(doses, vials):
    found = drug_cost(
        1.0, per="kg", vials=vials, sharing=False, vat="included", size=ObservedSizes(doses)
    )
    by_hand = [cheapest(dose, dict(sorted(vials.items()))) for dose in doses]
    assert found.cost[0] == pytest.approx(np.mean([c for c, _, _ in by_hand]), rel=1e-12)
    assert found.mg_dispensed[0] == pytest.approx(np.mean([m for _, m, _ in by_hand]), rel=1e-12)


def test_monte_carlo_over_the_weights_of_patients():
    """A million patients, each given the cheapest vials by looking at every combination."""
    rng = np.random.default_rng(1)
    dose = 6.0 * rng.normal(72.0, 14.0, 1_000_000)
    found = drug_cost(6.0, size=WEIGHT, **COMMON)
    steps = np.maximum(np.ceil(dose / 30.0).astype(int), 0)
    table = np.array([cheapest(30.0 * k, VIALS)[:2] if k else (0, 0) for k in range(60)])
    cost, mg = table[steps].T
    for exact, sample in ((found.cost, cost), (found.mg_dispensed, mg), (found.mg_needed, dose)):
        assert abs(exact[0] - sample.mean()) < 4 * sample.std() / 1000


@pytest.mark.parametrize(
    ("size", "law"),
    [
        (NormalSize(72.0, sd=14.0), stats.norm(72, 14)),
        (
            LogNormalSize(72.0, sd=14.0),
            stats.lognorm(
                np.sqrt(np.log1p((14 / 72) ** 2)),
                scale=72 / np.sqrt(1 + (14 / 72) ** 2),
            ),
        ),
    ],
    ids=["normal", "lognormal"],
)
def test_one_vial_size_has_a_closed_form(size, law):
    """``E[ceil(D / v)] = sum_{k >= 0} P(D > k v)``, with scipy's distributions."""
    found = drug_cost(5.0, size=size, **{**COMMON, "vials": {100: 900.0}})
    vials = sum(law.sf(20.0 * k) for k in range(100))
    np.testing.assert_allclose(found.vials[0, 0], vials, rtol=1e-13)
    np.testing.assert_allclose(found.cost[0], 900 * vials, rtol=1e-13)
    np.testing.assert_allclose(found.mg_needed[0], 5 * law.expect(lb=0), rtol=1e-8)
    np.testing.assert_allclose(
        found.wasted_share[0], 1 - found.mg_needed[0] / (100 * vials), rtol=1e-12
    )


def test_every_draw_is_its_own_case():
    """Prices, doses, weights and intensities by draw, each against a run of that draw alone."""
    rng = np.random.default_rng(2)
    n = 50
    dose, mean, ratio = rng.uniform(4, 7, n), rng.uniform(65, 80, n), rng.uniform(0.6, 1.1, n)
    small, large = rng.uniform(3000, 5000, n), rng.uniform(8000, 14000, n)
    found = drug_cost(
        dose,
        size=NormalSize(mean, sd=12.0),
        relative_dose_intensity=ratio,
        intensity="smaller doses",
        **{**COMMON, "vials": {150: small, 420: large}},
    )
    assert found.n_draws == n
    for draw in range(n):
        alone = drug_cost(
            dose[draw] * ratio[draw],
            size=NormalSize(mean[draw], sd=12.0),
            **{**COMMON, "vials": {150: small[draw], 420: large[draw]}},
        )
        for name in ("cost", "mg_needed", "mg_dispensed"):
            expected = getattr(alone, name)[0]
            np.testing.assert_allclose(getattr(found, name)[draw], expected, rtol=1e-12)


def test_a_discount_in_every_draw_is_solved_once():
    """Prices that move together choose the same vials; cost follows each draw's own prices."""
    factor = np.linspace(0.4, 1.0, 5000)
    prices = {size: price * factor for size, price in VIALS.items()}
    found = drug_cost(6.0, size=WEIGHT, **{**COMMON, "vials": prices})
    whole = drug_cost(6.0, size=WEIGHT, **COMMON)
    np.testing.assert_allclose(found.cost, whole.cost * factor, rtol=1e-13)
    np.testing.assert_allclose(found.vials, np.repeat(whole.vials, 5000, axis=1), rtol=1e-13)


def test_free_vials_are_vials():
    free = drug_cost(6.0, size=WEIGHT, **{**COMMON, "vials": {150: 0.0, 420: [0.0, 5.0]}})
    assert free.cost.tolist() == [0.0, 0.0]


@settings(max_examples=40, deadline=None)
@given(dose=st.floats(0.5, 12), mean=st.floats(45, 110), sd=st.floats(2, 11))
def test_sharing_wastes_nothing_and_never_costs_more(dose, mean, sd):
    given_ = {**COMMON, "size": NormalSize(mean, sd=sd)}
    whole = drug_cost(dose, **given_)
    shared = drug_cost(dose, **{**given_, "sharing": True})
    assert shared.cost[0] <= whole.cost[0]
    assert shared.mg_wasted[0] == pytest.approx(0.0, abs=1e-9)
    assert shared.cost[0] == pytest.approx(shared.mg_needed[0] * 11000 / 420, rel=1e-12)
    assert whole.mg_wasted[0] > 0


def test_another_vial_size_never_makes_it_dearer():
    one = drug_cost(6.0, size=WEIGHT, **{**COMMON, "vials": {150: 4000.0}})
    two = drug_cost(6.0, size=WEIGHT, **COMMON)
    assert two.cost[0] < one.cost[0]


def test_equally_cheap_vials_leave_least_over():
    """Two vials of 60 mg cost what one of 100 mg does and leave 20 mg over."""
    found = drug_cost(
        100, per="administration", vials={100: 10, 60: 5}, sharing=False, vat="included"
    )
    assert found.vials[:, 0].tolist() == [0.0, 1.0]
    assert found.mg_wasted.tolist() == [0.0]


def test_a_dose_that_fills_its_vials_is_not_rounded_up():
    """0.1 + 0.2 is above 0.3 in floating point by 4e-17."""
    found = drug_cost(
        0.1 + 0.2, per="administration", vials={0.1: 1.0}, sharing=False, vat="included"
    )
    assert found.vials[0, 0] == 3.0


def test_intensity_is_of_doses_or_of_administrations():
    smaller, fewer = (
        drug_cost(6.0, size=WEIGHT, relative_dose_intensity=0.8, intensity=word, **COMMON)
        for word in ("smaller doses", "fewer administrations")
    )
    planned = drug_cost(6.0, size=WEIGHT, **COMMON)
    np.testing.assert_array_equal(smaller.cost, drug_cost(6.0 * 0.8, size=WEIGHT, **COMMON).cost)
    np.testing.assert_array_equal(fewer.cost, 0.8 * planned.cost)
    np.testing.assert_allclose(fewer.wasted_share, planned.wasted_share, rtol=1e-14)
    np.testing.assert_allclose(smaller.mg_needed, fewer.mg_needed, rtol=1e-14)


def test_vat_is_taken_off_and_put_on():
    price = drug_cost(200, per="administration", vials={100: 1250}, sharing=False, vat="included")
    net = price.at_vat("excluded", rate=vat_rate("2026-01-01"))
    assert (price.cost[0], net.cost[0], net.vat) == (2500.0, 2000.0, "excluded")
    assert net.at_vat("included", rate=0.25).cost[0] == 2500.0
    assert price.at_vat("included", rate=0.25).cost[0] == 2500.0
    assert net.provenance["vat_rate"] == 0.25


def test_cost_per_year_in_a_model_lasts_as_long_as_the_treatment():
    """Exponential time on treatment; the trapezoid rule sums a geometric series."""
    one = drug_cost(200, per="administration", vials={100: 1250}, sharing=False, vat="excluded")
    yearly = one.per_year(administrations_per_year(every_weeks=3))
    np.testing.assert_allclose(yearly, 2500 * 365.25 / 21, rtol=1e-14)
    curve = pr.survival.exponential(rate=1.5)
    model = pr.PartitionedModel(
        states=("alive", "dead"),
        endpoints=("os",),
        durations=("treatment",),
        strategies=("new",),
        cycle=pr.weeks(1),
        horizon=pr.weeks(1500),
        curves=lambda p, s, t: {"os": pr.survival.exponential(rate=0.5), "treatment": curve},
        costs={"drug": {"treatment": yearly}},
        utilities={"alive": 0.8},
    )
    out = model.run(pr.Draws.from_arrays({"x": [0.0]}), discounting=pr.Discounting.none())
    week = 7 / 365.25
    years = week / 2 / np.tanh(1.5 * week / 2)
    np.testing.assert_allclose(out.cost[0, 0], yearly[0] * years, rtol=1e-11)


def test_body_surface_formulas():
    assert body_surface(70, height=175, formula="mosteller") == pytest.approx(
        np.sqrt(70 * 175 / 3600), rel=1e-14
    )
    assert body_surface(70, height=175, formula="du bois") == pytest.approx(1.848, abs=5e-4)
    assert body_surface([60, 70], height=[[160], [170]], formula="mosteller").shape == (2, 2)


def test_administrations_per_year():
    assert administrations_per_year(every_weeks=3)[0] == pytest.approx(365.25 / 21)
    assert administrations_per_year(2, every_days=21)[0] == pytest.approx(2 * 365.25 / 21)
    assert administrations_per_year(every_months=1).tolist() == [12.0]


def test_prices_may_be_fixed_parameters_of_one_year():
    price = pr.fixed(4000, unit="NOK", price_year=2025)
    cost = drug_cost(6.0, size=WEIGHT, **{**COMMON, "vials": {150: price, 420: 11000.0}})
    assert cost.price_year == 2025
    np.testing.assert_array_equal(cost.cost, drug_cost(6.0, size=WEIGHT, **COMMON).cost)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dose": -6.0}, r"dose is outside its range.*above 0; found -6"),
        ({"dose": np.nan}, r"dose is outside its range.*found nan"),
        ({"dose": [6.0, 0.0, -1]}, r"\(draw 1\).*found 0 \(2 of 3 draws\)"),
        ({"dose": "six"}, r"dose is not a number.*'six'"),
        ({"dose": [[6.0]]}, r"dose has the wrong shape.*\(draws,\); found shape \(1, 1\)"),
        ({"per": "mg/kg"}, r"per is not stated.*'administration', 'kg', 'm2'; found 'mg/kg'"),
        ({"vat": None}, r"vat is not stated.*'included', 'excluded'; found None"),
        ({"sharing": "no"}, r"sharing of vials is not stated.*True or False; found 'no'"),
        ({"vials": {}}, r"no vials.*at least one vial; found {}"),
        ({"vials": {-150: 1.0}}, r"vial size is outside its range.*found -150"),
        ({"vials": {0: 1.0}}, r"vial size is outside its range.*above 0; found 0"),
        ({"vials": {150: -1.0}}, r"price of a 150 mg vial is outside.*0 or more; found -1"),
        ({"vials": {150: np.inf}}, r"price of a 150 mg vial.*found inf"),
        (
            {
                "vials": {
                    150: pr.fixed(1, price_year=2024),
                    420: pr.fixed(2, price_year=2026),
                }
            },
            r"prices are of different years.*2024: 150 mg; 2026: 420 mg.*at_price_year",
        ),
        (
            {"vials": {150: pr.fixed(1, unit="NOK"), 420: pr.fixed(2, unit="EUR")}},
            r"prices are in different currencies.*EUR: 420 mg; NOK: 150 mg",
        ),
        ({"vials": {150: pr.gamma(mean=9, se=1)}}, r"price of a 150 mg vial is uncertain.*p\.name"),
        ({"vials": {1e-7: 1.0}}, r"no workable common measure.*at most 100000 steps.*Round"),
        ({"size": None}, r"dose and body size do not match.*per 'kg', size None.*NormalSize"),
        ({"per": "administration"}, r"dose and body size do not match.*none for a fixed dose"),
        ({"relative_dose_intensity": 0.0}, r"intensity is outside.*above 0, at most 1.5; found 0"),
        ({"relative_dose_intensity": 1.6}, r"at most 1.5; found 1.6"),
        ({"relative_dose_intensity": 0.9}, r"intensity is not stated.*'smaller doses'.*found None"),
        (
            {"dose": [5.0, 6.0], "vials": {150: [1.0, 2.0, 3.0]}},
            r"draws are not equally many.*dose: 2,.*prices: 3",
        ),
    ],
)
def test_wrong_drugs(changes, message):
    given_ = {"dose": 6.0, "size": WEIGHT, **COMMON, **changes}
    with pytest.raises(pr.ParameterError, match=message):
        drug_cost(given_.pop("dose"), **given_)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: NormalSize(0.0, sd=1.0), r"mean body size is outside.*above 0; found 0"),
        (lambda: NormalSize(72.0, sd=-1.0), r"standard deviation of body size.*found -1"),
        (lambda: NormalSize(30.0, sd=10.0), r"reaches zero.*four standard dev.*LogNormalSize"),
        (lambda: NormalSize([70.0, 71.0], sd=[1, 2, 3]), r"not equally many.*mean: 2, sd: 3"),
        (lambda: LogNormalSize(-1.0, sd=1.0), r"mean body size is outside.*found -1"),
        (lambda: ObservedSizes([70.0, 0.0]), r"observed size is outside.*\(1 of 2 draws\)"),
        (lambda: ObservedSizes([]), r"observed size has the wrong shape"),
        (lambda: body_surface(-70, height=175, formula="mosteller"), r"weight.*found -70"),
        (lambda: body_surface(70, height=175, formula="haycock"), r"formula is not stated.*mostel"),
        (lambda: administrations_per_year(), r"not stated once.*found none of them"),
        (
            lambda: administrations_per_year(every_days=7, every_weeks=1),
            r"found every_days, every_weeks",
        ),
        (lambda: administrations_per_year(every_days=0), r"every_days is outside.*above 0"),
        (lambda: administrations_per_year(-1, every_days=7), r"number of administrations"),
        (
            lambda: drug_cost(6.0, size=WEIGHT, **COMMON).per_year(-1),
            r"administrations per year is outside.*found -1",
        ),
        (
            lambda: drug_cost(6.0, size=WEIGHT, **COMMON).at_vat("net", rate=0.25),
            r"vat is not stated.*found 'net'",
        ),
        (
            lambda: drug_cost(6.0, size=WEIGHT, **COMMON).at_vat("included", rate=25),
            r"VAT rate is outside.*at most 1; found 25",
        ),
        (
            lambda: drug_cost(6.0, size=WEIGHT, **COMMON).at_vat("included", rate=[0.25, 0.15]),
            r"VAT rate is more than one number.*found 2 of them",
        ),
        (
            lambda: administrations_per_year(every_days=[7, 14]),
            r"every_days is more than one number",
        ),
    ],
)
def test_wrong_sizes_and_intervals(make, message):
    with pytest.raises(pr.ParameterError, match=message):
        make()


def test_a_price_in_another_currency_says_so():
    vials = {150: pr.fixed(400, unit="EUR", price_year=2026), 420: 1100.0}
    cost = drug_cost(6.0, size=WEIGHT, **{**COMMON, "vials": vials})
    assert cost.table().index[0] == "Cost (EUR)"


def test_numbers_are_copied():
    mean = np.array([72.0, 73.0])
    size = NormalSize(mean, sd=14.0)
    mean[:] = 1.0
    assert size.mean_size.tolist() == [72.0, 73.0]


def test_results_are_frozen_copied_and_printed():
    cost = drug_cost([6.0, 6.5, 7.0], size=WEIGHT, **COMMON)
    again = pickle.loads(pickle.dumps(cost))
    np.testing.assert_array_equal(again.cost, cost.cost)
    with pytest.raises(ValueError, match="read-only"):
        again.cost[0] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        pickle.loads(pickle.dumps(WEIGHT)).sd[0] = 0.0
    assert list(cost.to_frame().columns[-2:]) == ["vials_150_mg", "vials_420_mg"]
    table = cost.table()
    assert table.index[0] == "Cost (NOK)"
    assert "Value-added tax is not included." in table.attrs["notes"]
    assert cost.table("no").index[-1] == "Kassert, andel av utlevert"
    assert "VAT excluded, whole vials" in repr(cost)
    assert "cheapest whole vials" in cost._repr_html_()
    assert repr(WEIGHT) == "NormalSize(mean 72, sd 14)"
