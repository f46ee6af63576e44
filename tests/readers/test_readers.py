"""The same draws in every program's shape give the same outcomes; what is off is refused."""

import pickle

import numpy as np
import pandas as pd
import pytest

from prioritering import compare
from prioritering.errors import ResultError, UnknownNameError
from prioritering.readers import Signs, read_bcea, read_dampack, read_heemod, read_hesim
from tests.readers.tables import (
    COST,
    EFFECT,
    NAMES,
    VACCINE,
    N,
    columns,
    heemod_table,
    hesim_tables,
)


@pytest.fixture
def bcea(tmp_path):
    paths = {"effects": tmp_path / "eff.csv", "costs": tmp_path / "cost.csv"}
    for path, array in zip(paths.values(), (EFFECT, COST), strict=True):
        frame = columns(array)
        frame.index += 1  # as R's write.csv numbers its rows
        frame.to_csv(path)
    return paths


def test_bcea_matrices_give_the_icer_that_bcea_prints(bcea):
    read = read_bcea(**bcea).confirm(
        reference="Status Quo", option="Vaccination", icer=VACCINE["icer"], rtol=1e-12
    )
    assert np.array_equal(read.outcomes.cost, COST)
    assert np.array_equal(read.outcomes.qaly, EFFECT)
    assert compare(read.outcomes, reference="Status Quo").table() is not None
    assert read.checked == ("ICER of Vaccination against Status Quo is 20097.59148, as in BCEA",)
    assert read.outcomes.provenance["checked"] == read.checked
    assert read.outcomes.provenance["source"] == "read from BCEA"
    assert set(read.outcomes.provenance["files"]) == {"eff.csv", "cost.csv"}
    assert "effects are gains (more is better)" in repr(read)


@pytest.mark.parametrize(
    ("wtp", "best"), list(zip(VACCINE["limits"], VACCINE["best"], strict=True))
)
def test_the_strategy_bcea_prefers_is_preferred_here(bcea, wtp, best):
    name = best if isinstance(best, str) else NAMES[best - 1]
    assert read_bcea(**bcea).confirm(best=name, wtp=wtp).checked == (
        f"{name} is best at {wtp:g}, as in BCEA",
    )


def test_a_turned_sign_is_caught(bcea):
    turned = read_bcea(**bcea, signs=Signs(effects="losses"))
    with pytest.raises(ResultError, match=r"found -20097\.59148: the same with the sign turned"):
        turned.confirm(reference="Status Quo", option="Vaccination", icer=VACCINE["icer"])
    with pytest.raises(ResultError, match=r"another strategy is best at 50000 than in BCEA"):
        turned.confirm(best="Vaccination", wtp=50_000)


def test_losses_and_savings_are_turned_round(tmp_path):
    columns(-EFFECT).to_csv(tmp_path / "e.csv", index=False)
    columns(-COST).to_csv(tmp_path / "c.csv", index=False)
    read = read_bcea(
        effects=tmp_path / "e.csv",
        costs=tmp_path / "c.csv",
        signs=Signs(effects="losses", costs="savings"),
    )
    assert np.array_equal(read.outcomes.qaly, EFFECT)
    assert np.array_equal(read.outcomes.cost, COST)
    notes = " ".join(read.table("no").attrs["notes"])
    assert "effekter er tap (mindre er bedre) og ble snudd" in notes
    assert "Ikke holdt opp mot noe tall" in notes


def test_dampack_reads_parameters_beside_the_outcomes(tmp_path, rng):
    frames = {"cost": columns(COST), "effectiveness": columns(EFFECT)}
    frames["parameters"] = pd.DataFrame({"Death.1.1.": rng.random(N), "rate": rng.random(N)})
    for name, frame in frames.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    read = read_dampack(
        cost=tmp_path / "cost.csv",
        effectiveness=tmp_path / "effectiveness.csv",
        parameters=tmp_path / "parameters.csv",
    )
    assert read.draws.names == ("Death_1_1", "rate")
    assert np.array_equal(read.draws.rate, frames["parameters"]["rate"])
    assert np.array_equal(read.outcomes.cost, COST)
    assert pickle.loads(pickle.dumps(read)).program == "dampack"


def test_heemod_is_brought_into_order_per_person_with_its_parameters(tmp_path, rng):
    table = heemod_table(rng)
    table.to_csv(tmp_path / "psa.csv", index=False)
    read = read_heemod(tmp_path / "psa.csv")
    order = [read.outcomes.index(name) for name in NAMES]
    assert np.allclose(read.outcomes.cost[order], COST[:, :20], rtol=1e-14)
    assert np.allclose(read.outcomes.qaly[order], EFFECT[:, :20], rtol=1e-14)
    assert read.draws.names == ("rate",)
    one = table[table[".strategy_names"] == NAMES[0]].sort_values(".index")
    assert np.array_equal(read.draws.rate, one["rate"])
    assert read.notes == ("costs and effects divided by .n_indiv",)


def test_heemod_without_a_draw_of_one_strategy_is_refused(tmp_path, rng):
    heemod_table(rng).iloc[1:].to_csv(tmp_path / "psa.csv", index=False)
    with pytest.raises(ResultError, match=r"strategies do not share their draws.*1 combinations"):
        read_heemod(tmp_path / "psa.csv")


def test_hesim_sums_over_states_and_keeps_categories(tmp_path, rng):
    costs, qalys = hesim_tables(rng)
    costs.to_csv(tmp_path / "costs.csv", index=False)
    qalys.to_csv(tmp_path / "qalys.csv", index=False)
    read = read_hesim(
        costs=tmp_path / "costs.csv",
        qalys=tmp_path / "qalys.csv",
        strategies={1: "old", 2: "new"},
        rate=0.03,
    )
    out = read.outcomes
    assert out.cost_categories == ("drug", "medical")
    chosen = costs[(costs["dr"] == 0.03) & (costs["strategy_id"] == 2)]
    drug = chosen[(chosen["category"] == "drug") & (chosen["sample"] == 4)]["costs"].sum()
    assert out.cost_by_category[0, out.index("new"), 3] == pytest.approx(drug, rel=1e-14)
    undiscounted = qalys[(qalys["dr"] == 0) & (qalys["strategy_id"] == 1)]
    assert out["old"].qaly_undiscounted[1] == pytest.approx(
        undiscounted[undiscounted["sample"] == 2]["qalys"].sum(), rel=1e-14
    )
    assert "exp(-0.03 t)" in read.notes[0]


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"rate": 0.04}, ResultError, r"no costs discounted at 0\.04.*0\.03"),
        ({"strategies": {1: "old"}}, ResultError, r"a strategy has no name.*none for \[2\]"),
        ({"group": 7}, UnknownNameError, r"unknown group 7"),
    ],
)
def test_hesim_refuses_what_is_not_there(tmp_path, rng, change, kind, message):
    for name, frame in zip(("costs", "qalys"), hesim_tables(rng), strict=True):
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    asked = {"strategies": {1: "old", 2: "new"}, "rate": 0.03, **change}
    with pytest.raises(kind, match=message):
        read_hesim(costs=tmp_path / "costs.csv", qalys=tmp_path / "qalys.csv", **asked)


def test_hesim_adds_numbers_that_a_workbook_holds_as_text(tmp_path, rng):
    costs, qalys = hesim_tables(rng)
    asked = {"strategies": {1: "old", 2: "new"}, "rate": 0.03}
    found = []
    for text in (False, True):
        for name, frame in (("costs", costs), ("qalys", qalys)):
            as_written = frame.assign(**{name: frame[name].map(repr)}) if text else frame
            as_written.to_excel(tmp_path / f"{name}.xlsx", index=False)
        files = {"costs": tmp_path / "costs.xlsx", "qalys": tmp_path / "qalys.xlsx"}
        found.append(read_hesim(**files, **asked).outcomes)
    assert np.allclose(found[0].cost, found[1].cost, rtol=1e-14)
    assert np.allclose(found[0].qaly, found[1].qaly, rtol=1e-14)


def test_hesim_by_patient_or_several_groups_is_refused(tmp_path, rng):
    costs, qalys = hesim_tables(rng)
    qalys.to_csv(tmp_path / "qalys.csv", index=False)
    asked = {"strategies": {1: "old", 2: "new"}, "rate": 0.03}
    half = np.arange(len(costs)) % 2
    costs.assign(patient_id=half).to_csv(tmp_path / "costs.csv", index=False)
    with pytest.raises(ResultError, match=r"averaged over patients; found 2 patients"):
        read_hesim(costs=tmp_path / "costs.csv", qalys=tmp_path / "qalys.csv", **asked)
    costs.assign(grp_id=half).to_csv(tmp_path / "costs.csv", index=False)
    with pytest.raises(ResultError, match=r"several groups.*group=, one of \[0, 1\]"):
        read_hesim(costs=tmp_path / "costs.csv", qalys=tmp_path / "qalys.csv", **asked)


def test_files_of_one_name_keep_their_own_digest(tmp_path):
    paths = {}
    for name, array in (("effects", EFFECT), ("costs", COST)):
        (tmp_path / name).mkdir()
        paths[name] = tmp_path / name / "psa.csv"
        columns(array).to_csv(paths[name], index=False)
    files = read_bcea(**paths).outcomes.provenance["files"]
    assert set(files) == {"effects/psa.csv", "costs/psa.csv"}
    assert len(set(files.values())) == 2


@pytest.mark.parametrize("wrong", ["rows twice", "a row less", "other samples", "one name"])
def test_hesim_rows_that_cannot_be_summed_are_refused(tmp_path, rng, wrong):
    costs, qalys = hesim_tables(rng)
    names = {1: "old", 2: "old" if wrong == "one name" else "new"}
    if wrong == "rows twice":
        costs = pd.concat([costs, costs])
    if wrong == "a row less":
        costs = costs.iloc[1:]
    if wrong == "other samples":
        qalys = qalys.assign(sample=qalys["sample"] + 1)
    for name, frame in (("costs", costs), ("qalys", qalys)):
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    message = {
        "rows twice": r"rows of costs cannot be summed.*found 20 there twice",
        "a row less": r"rows of costs cannot be summed.*found 1 to 2 rows per strategy and sample",
        "other samples": r"qalys are of other samples than the costs.*found 5 samples from 2 to 6",
        "one name": r"strategies named twice.*found 'old'",
    }[wrong]
    with pytest.raises(ResultError, match=message):
        read_hesim(
            costs=tmp_path / "costs.csv",
            qalys=tmp_path / "qalys.csv",
            strategies=names,
            rate=0.03,
        )


def test_matrices_that_do_not_match_are_refused(tmp_path):
    columns(COST).to_csv(tmp_path / "c.csv", index=False)
    columns(EFFECT[::-1], NAMES[::-1]).to_csv(tmp_path / "e.csv", index=False)
    with pytest.raises(ResultError, match=r"other strategies, or in another order.*file e.csv"):
        read_bcea(effects=tmp_path / "e.csv", costs=tmp_path / "c.csv")
    columns(EFFECT[:, :9]).to_csv(tmp_path / "e.csv", index=False)
    with pytest.raises(ResultError, match=rf"not equally many.*{N} simulations.*9 in e.csv"):
        read_bcea(effects=tmp_path / "e.csv", costs=tmp_path / "c.csv")
    columns(EFFECT).to_csv(tmp_path / "e.csv", index=False)
    pd.DataFrame({"x": [1.0, 2.0]}).to_csv(tmp_path / "p.csv", index=False)
    with pytest.raises(ResultError, match=r"draws and outcomes are of unequal length.*found 2"):
        read_bcea(
            effects=tmp_path / "e.csv", costs=tmp_path / "c.csv", parameters=tmp_path / "p.csv"
        )


@pytest.mark.parametrize(
    ("asked", "kind", "message"),
    [
        ({}, ResultError, "nothing to hold the numbers against"),
        ({"best": "Vaccination"}, ResultError, "no limit at which a strategy is best"),
        ({"best": "vacination", "wtp": 1}, UnknownNameError, "Did you mean 'Vaccination'"),
        ({"best": "Vaccination", "wtp": "x"}, ResultError, "wtp is no figure.*found 'x'"),
        ({"icer": "1"}, ResultError, "icer is no figure.*found '1'"),
        ({"icer": 1.0}, ResultError, "an ICER of no pair of strategies"),
        (
            {"icer": 1.0, "reference": "Vaccination", "option": "Vaccination"},
            UnknownNameError,
            "unknown option",
        ),
    ],
)
def test_a_check_needs_a_figure(bcea, asked, kind, message):
    with pytest.raises(kind, match=message):
        read_bcea(**bcea).confirm(**asked)


def test_unknown_signs_are_refused():
    with pytest.raises(UnknownNameError, match=r"sign convention of effects 'gain'.*'gains'"):
        Signs(effects="gain")
