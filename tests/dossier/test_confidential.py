"""A secret agreement: read only when asked for, priced as it says, and kept out of the rest."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import prioritering as pr
from prioritering.decision.publication import CONFIDENTIAL
from prioritering.dossier import (
    Case,
    CaseRun,
    build_case,
    check_case,
    load_case,
    load_confidential,
    results_json,
    run_case,
)
from prioritering.errors import CaseError, ConfidentialError, PrioriteringError
from prioritering.report.case import write_confidential

from .conftest import Write
from .decision_case import CONFIDENTIAL as FLAT
from .decision_case import DECISION, write_secret

Load = Callable[..., Case]

HEAD = FLAT[: FLAT.index("[agreement]")] + "[agreement]\n"
FREE = 'kind = "free_initiation"\nmonths = 18'
CAP = 'kind = "patient_cap"\namount = 100_000\ntreated = "calls"'
REFUND = """kind = "outcome_refund"
response = "u"
measured_at = 1
refund = 0.5
administration = 1_000
hours = 0.5"""
STEPS = """kind = "volume_steps"
basis = "all units"
unit = "patients"
per_patient = [1.0]
steps = [{ low = 0, high = 60, discount = 0 }, { low = 60, discount = 0.5 }]"""


@pytest.fixture
def agreed(write: Write) -> Callable[[str], CaseRun]:
    """Run the case under an agreement."""

    def run(agreement: str) -> CaseRun:
        case = load_case(write_secret(write(text=DECISION), HEAD + agreement))
        return run_case(case, confidential=load_confidential(case))

    return run


def test_a_flat_discount_lowers_what_the_price_drives(write: Write) -> None:
    case = load_case(write_secret(write(text=DECISION)))
    public = run_case(case)
    run = run_case(case, confidential=load_confidential(case))
    assert run.results == public.results
    assert public.confidential is None
    assert run.psa is not None
    assert run.confidential is not None
    drug = run.psa.cost_by_category[run.psa.cost_categories.index("drug"), 1]
    net = run.confidential.priced.outcomes
    np.testing.assert_allclose(net.cost[1], run.psa.cost[1] - 0.3717 * drug, rtol=1e-12)
    assert net.provenance[CONFIDENTIAL] == "Made for tests"
    assert run.decisions is not None
    at_list, at_net = run.decisions.budget, run.confidential.budget
    assert at_list is not None
    assert at_net is not None
    np.testing.assert_allclose(
        at_net.amounts("with", group="drug"),
        0.6283 * at_list.amounts("with", group="drug"),
        rtol=1e-12,
    )
    displaced, less = run.decisions.displaced, run.confidential.displaced
    assert displaced is not None
    assert less is not None
    saved = displaced.patients * 0.3717 * drug / 275_000
    np.testing.assert_allclose(displaced.displaced - less.displaced, saved, rtol=1e-9)


def test_months_without_payment_come_off_the_first_years(
    agreed: Callable[[str], CaseRun],
) -> None:
    run = agreed(FREE)
    built = build_case(run.case)
    draws = built.parameters.sample(200, seed=3)
    years = built.model.run_by_year(draws, built.rules, years=20)
    drug = years.cost_by_category[years.cost_categories.index("drug"), 1]
    paid = drug.sum(axis=-1) - drug[:, 0] - 0.5 * drug[:, 1]
    assert run.confidential is not None
    net = run.confidential.priced.outcomes
    row = net.cost_categories.index("drug")
    found = net.require("cost_by_category_undiscounted")[row, 1]
    np.testing.assert_allclose(found, paid, rtol=1e-9)


def test_a_cap_holds_what_a_treated_patient_costs(agreed: Callable[[str], CaseRun]) -> None:
    # two calls a year while stable, when the drug costs 250 000 a year: the cap of 100 000 per
    # call is 200 000 a year
    run = agreed(CAP)
    assert run.confidential is not None
    assert run.psa is not None
    net = run.confidential.priced.outcomes
    row = net.cost_categories.index("drug")
    np.testing.assert_allclose(
        net.cost_by_category[row, 1], 0.8 * run.psa.cost_by_category[row, 1], rtol=1e-12
    )


def test_a_refund_follows_the_response_of_each_draw(agreed: Callable[[str], CaseRun]) -> None:
    run = agreed(REFUND)
    built = build_case(run.case)
    draws = built.parameters.sample(200, seed=3)
    first = built.model.run_by_year(draws, built.rules, years=1).cost_by_category[0, 1, :, 0]
    assert run.confidential is not None
    assert run.psa is not None
    net = run.confidential.priced
    back = (1 - draws.u) * 0.5 * first / 1.04
    np.testing.assert_allclose(
        net.outcomes.cost[1], run.psa.cost[1] - back + 1_000 / 1.04, rtol=1e-12
    )
    assert net.hours == 0.5
    assert run.confidential.budget is not None
    assert run.confidential.budget.groups["agreement follow-up"] == "service"


def test_steps_follow_the_patients_of_the_budget(agreed: Callable[[str], CaseRun]) -> None:
    # means: 37.5 and 50 patients, then 100, which halves the price of the third year
    run = agreed(STEPS)
    assert run.confidential is not None
    factor = run.confidential.priced.price_factor
    assert factor is not None
    row = run.confidential.priced.outcomes.cost_categories.index("drug")
    np.testing.assert_allclose(factor[row, 0], [1.0, 1.0, 0.5])
    assert run.confidential.budget is None
    assert run.confidential.comparison["net price"].budget is not None


@pytest.mark.parametrize(
    ("agreement", "said"),
    [
        ('kind = "flat_discount"\nshare = 1.4', r"confidential.toml, key agreement.share"),
        ('kind = "flat_discunt"\nshare = 0.4', "unknown kind 'flat_discunt'.*Did you mean"),
        ('kind = "flat_discount"', "a key is missing.*'share'"),
        (
            'kind = "flat_discount"\nshare = 0.4\ncategories = ["drugs"]',
            "unknown cost category 'drugs'",
        ),
        (STEPS.replace("low = 60", "low = 50"), "steps overlap.*found 0 to 60, 50 to inf"),
        (STEPS.replace("low = 60", "low = 70"), "steps leave a gap.*found 0 to 60, 70 to inf"),
        (CAP.replace("calls", "scans"), "unknown resource 'scans'"),
        (REFUND.replace('"u"', '"v"'), "unknown parameter 'v'"),
        (REFUND.replace('"u"', "1.5"), "response"),
        (REFUND.replace("measured_at = 1", "measured_at = 0"), "agreement.measured_at"),
    ],
)
def test_impossible_terms_are_refused_in_their_place(
    agreed: Callable[[str], CaseRun], agreement: str, said: str
) -> None:
    with pytest.raises(PrioriteringError, match=said) as caught:
        agreed(agreement)
    assert caught.value.where["file"] == "confidential.toml"


def test_a_file_without_a_label_is_refused(write: Write) -> None:
    text = FLAT.replace('label = "Made for tests"\n', "")
    case = load_case(write_secret(write(text=DECISION), text))
    with pytest.raises(CaseError, match="a key is missing.*confidential.toml, key label"):
        load_confidential(case)


def test_a_check_reads_the_file_only_when_asked(write: Write) -> None:
    folder = write_secret(write(text=DECISION), HEAD + CAP.replace("calls", "scans"))
    assert not [f for f in check_case(folder) if f.level == "error"]
    write_secret(folder, HEAD + STEPS.replace("low = 60", "low = 50"))
    (found,) = [f for f in check_case(folder, confidential=True) if f.level == "error"]
    assert "steps overlap (file confidential.toml, key agreement" in found.text
    write_secret(folder)
    assert not [f for f in check_case(folder, confidential=True) if f.level == "error"]


@pytest.mark.parametrize("name", ["confidential.toml", "./confidential.toml", "linked.csv"])
def test_a_case_does_not_read_the_file_as_data(write: Write, name: str) -> None:
    """Its cells would stand in errors, and its hash, easy to undo, in public results."""
    table = f'[tables.u]\ncsv = "{name}"\nby = "time"\nkey = "t"\ncolumn = "u"\n'
    folder = write_secret(write(text=DECISION + table))
    (folder / "linked.csv").symlink_to(folder / "confidential.toml")
    with pytest.raises(CaseError, match="reads its confidential file as data") as caught:
        load_case(folder)
    assert "0.37" not in str(caught.value)


def test_a_link_out_of_the_folder_is_refused(write: Write, tmp_path: Path) -> None:
    folder = write_secret(write(text=DECISION))
    outside = (folder / "confidential.toml").rename(tmp_path / "elsewhere.toml")
    (folder / "confidential.toml").symlink_to(outside)
    with pytest.raises(CaseError, match="a path leaves the case folder.*confidential.toml"):
        load_confidential(load_case(folder))


def test_what_is_read_prints_without_its_terms(write: Write) -> None:
    confidential = load_confidential(load_case(write_secret(write(text=DECISION))))
    assert repr(confidential) == "Confidential('Made for tests')"
    assert not hasattr(confidential, "sha256")


def test_a_key_of_thousands_of_names_is_refused_at_once(write: Write) -> None:
    for text in ("a" + ".a" * 100_000 + " = 1", '"a" .\t' * 100_000 + "a = 1"):
        case = load_case(write_secret(write(text=DECISION), text))
        with pytest.raises(CaseError, match="key that is too deep.*at most 50 names"):
            load_confidential(case)


def test_a_case_without_the_file_says_so(load: Load) -> None:
    with pytest.raises(CaseError, match="no confidential file.*Leave out --view confidential"):
        load_confidential(load(text=DECISION))


def test_an_agreement_needs_a_decision(write: Write) -> None:
    case = load_case(write_secret(write(text=DECISION)))
    with pytest.raises(CaseError, match="what it does to a decision.*found no draws"):
        run_case(case, draws=0, confidential=load_confidential(case))


def test_an_agreement_needs_something_to_be_about(write: Write) -> None:
    case = load_case(write_secret(write()))
    with pytest.raises(CaseError, match=r"about no cost category.*or \[price\] in the case file"):
        run_case(case, confidential=load_confidential(case))


def test_a_public_view_refuses_what_rests_on_the_net_price(
    agreed: Callable[[str], CaseRun], tmp_path
) -> None:
    run = agreed(FLAT.split("[agreement]\n")[1])
    assert run.confidential is not None
    assert run.decision is not None
    assert run.severity_psa is not None
    view = pr.decision.publication.public_view(run.rules)
    with pytest.raises(ConfidentialError, match="secret price.*Made for tests"):
        view.publish("ICER", "1", run.confidential.priced.outcomes.provenance)
    public = run_case(run.case)
    with pytest.raises(ConfidentialError, match="nothing confidential.*--view confidential"):
        write_confidential(public, tmp_path / "out")


def test_confidential_results_are_marked_and_survive_pickle(
    agreed: Callable[[str], CaseRun],
) -> None:
    run = agreed(FLAT.split("[agreement]\n")[1])
    again = pickle.loads(pickle.dumps(run)).confidential
    assert again.results == run.confidential.results  # type: ignore[union-attr]
    assert again.results["view"] == "confidential"
    assert again.results["confidential"] == "Made for tests"
    assert again.page.confidential
    assert "37" in again.results["agreement"]
    results_json(again.results)


def test_what_an_agreement_warns_of_stands_in_its_own_notes(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prioritering.dossier import confidential

    compare = confidential.compare_agreements

    def warned(*arguments: object, **how: object) -> object:
        warnings.warn("the net price is odd", pr.PrioriteringWarning, stacklevel=2)
        return compare(*arguments, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(confidential, "compare_agreements", warned)
    case = load_case(write_secret(write(text=DECISION)))
    run = run_case(case, draws=20, confidential=load_confidential(case))
    assert run.confidential is not None
    assert run.confidential.notes == ("the net price is odd",)
    assert run.confidential.results["notes"] == ["the net price is odd"]
    assert "odd" not in results_json(run.results)
    assert not any("odd" in note for note in run.notes)
