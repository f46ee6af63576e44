"""The decision on tamoxifen: its budget by hand, its price, its views."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from prioritering.dossier import CaseRun, find_case, load_case, load_confidential, run_case

from .test_gbsg2 import ARMS, _floored


@pytest.fixture(scope="module")
def run() -> CaseRun:
    case = load_case(find_case("gbsg2-tamoxifen"))
    return run_case(case, confidential=load_confidential(case))


def first_year(run: CaseRun, arm: str) -> Mapping[str, float]:
    """Undiscounted cost per patient in the first year, from the curves in plain NumPy."""
    p = {name: parameter.value for name, parameter in run.parameters.items()}
    t = np.arange(13) / 12
    floor = np.diff(-np.log(run.rules.life_tables["female"].survival(53, t)))
    free, alive = (_floored(p[f"{e}_{arm}"], t, floor) for e in ("rfs", "os"))
    free = np.minimum(free, alive)
    on = np.minimum(_floored(p[f"rfs_{arm}"], t, floor) * np.exp(-p["stopping"] * t), alive)
    years = {k: np.trapezoid(v, t) for k, v in {"free": free, "alive": alive, "on": on}.items()}
    visits = p["consultations"] * years["free"]
    return {
        "drug": p["cost_tamoxifen"] * years["on"] * (arm == "tamoxifen"),
        "service": p["drg_point"] * p["consultation_weight"] * visits
        + p["cost_recurrence"] * (years["alive"] - years["free"]),
        "visits": visits,
    }


def test_the_first_year_of_the_budget_by_hand(run: CaseRun) -> None:
    base = run_case(run.case, draws=0)
    none, new = (first_year(base, arm) for arm in ARMS.values())
    # 1 000 patients come up through 2027 and 20 % of them start: half a year of their first
    expected = {
        ("with", "drug"): 0.5 * 200 * new["drug"],
        ("without", "drug"): 0.0,
        ("with", "service"): 0.5 * (200 * new["service"] + 800 * none["service"]),
        ("without", "service"): 0.5 * 1_000 * none["service"],
        ("net", "elsewhere"): 0.0,
    }
    assert base.decisions is not None
    budget, staff = base.decisions.budget, base.decisions.personnel
    assert budget is not None
    assert budget.years == (2027, 2028, 2029, 2030, 2031)
    for (world, group), amount in expected.items():
        found = budget.amounts(world, group=group)[0, 0]  # type: ignore[arg-type]
        assert found == pytest.approx(amount, rel=1e-10, abs=1e-9), (world, group)
    assert staff is not None
    doctor, nurse = staff.hours("with")[:, 0, 0]
    visits = 0.5 * (200 * new["visits"] + 800 * none["visits"])
    assert (doctor, nurse) == pytest.approx((0.5 * visits, 0.25 * visits), rel=1e-10)


def test_the_price_is_the_maximum_price_and_linear(run: CaseRun) -> None:
    assert run.decisions is not None
    price = run.decisions.price
    assert price is not None
    assert (price.current_price, price.checked_at) == (1_500.0, 3_000.0)
    assert price.own is not None
    assert (price.own.wtp, price.own.bound) == (715_000, "at most")
    assert 400_000 < price.own.price.value < 430_000
    assert any("(cost_tamoxifen) varies over the draws" in note for note in run.notes)


def test_the_inventory_is_filled(run: CaseRun) -> None:
    assert run.decisions is not None
    inventory, seen = run.decisions.inventory, run.decisions.perspectives
    assert inventory is not None
    assert seen is not None
    standing = {row.consequence.key: row.standing for row in inventory.rows}
    assert "not stated" not in standing.values()
    assert standing["related_care_cost"] == "included"
    assert set(seen.not_counted.values()) == {()}


def test_both_views_and_both_languages_have_a_page(run: CaseRun) -> None:
    assert run.page is not None
    assert run.confidential is not None
    secret = run.confidential.page
    assert secret is not None
    for language in ("en", "no"):
        public, net = run.page.text(language), secret.text(language)
        assert "1,500" in public or "1\u00a0500" in public
        assert "900.00" not in public
        assert "900,00" not in public
        assert "900.00" in net or "900,00" in net
    assert (run.page.not_published, secret.has_net) == ((), True)
    assert not run.page.confidential


def test_the_readme_tells_the_budget_and_the_price(run: CaseRun) -> None:
    readme = (find_case("gbsg2-tamoxifen") / "README.md").read_text("utf-8")
    assert run.decisions is not None
    budget, price = run.decisions.budget, run.decisions.price
    assert budget is not None
    assert price is not None
    assert price.own is not None
    millions = [f"{m.value / 1e6:.1f}" for m in budget.means("net", group="drug")]
    assert f"| drug cost, net (NOK million) | {' | '.join(millions)} |" in readme
    assert f"{round(price.own.price.value, -3):,.0f}".replace(",", " ") in readme
