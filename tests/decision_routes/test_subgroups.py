import pickle
from dataclasses import replace

import numpy as np
import pytest

from prioritering.decision import assess
from prioritering.decision.agreements import FlatDiscount
from prioritering.decision.routes import Subgroup, exceptional_patient, subgroups
from prioritering.decision.routes.subgroups import THIN, WHOLE
from prioritering.errors import ResultError, UnknownNameError
from prioritering.severity import absolute_shortfall

PAIR = {"reference": "standard", "option": "new"}


@pytest.fixture
def run(model, draws, rules):
    def run_them(groups, whole=None, **how):
        settings = {"age": 60, "model": model, "draws": draws, **PAIR, **how}
        return subgroups(whole or Subgroup(patients=400, events=200), groups, rules, **settings)

    return run_them


@pytest.fixture
def groups(draws):
    """Gains that average to the whole's: a third of the patients gain twice as much as the rest."""
    return {
        "high": Subgroup({"gain": 1.5 * draws["gain"]}, share=0.4, patients=150, events=20),
        "low": Subgroup({"gain": draws["gain"] * (2 / 3)}, share=0.6, patients=250, events=80),
    }


def test_the_whole_comes_first_and_rows_are_ordinary_assessments(run, groups, outcomes, rules):
    found = run(groups)
    severity = absolute_shortfall(outcomes["standard"], age=60, rules=rules)
    plain = assess(outcomes, severity, rules, **PAIR)
    assert [row.name for row in found.rows] == [WHOLE, "high", "low"]
    assert found.whole.decision.to_dict() == plain.to_dict()
    np.testing.assert_allclose(
        found["high"].decision.incremental_qaly, 1.5 * plain.incremental_qaly, rtol=1e-10
    )


def test_subgroups_that_make_up_the_whole_average_to_it(run, groups):
    found = run(groups)
    assert found.qaly_difference.value == pytest.approx(0.0, abs=1e-12)
    assert found.cost_difference.value == pytest.approx(0.0, abs=1e-6)


def test_subgroups_that_do_not_are_seen_in_the_difference(run, groups, draws):
    other = {**groups, "low": Subgroup({"gain": draws["gain"]}, share=0.6)}
    found = run(other)
    gain = draws["gain"]
    expected = (0.4 * 1.5 + 0.6 - 1.0) * gain
    assert found.qaly_difference.value == pytest.approx(expected.mean(), rel=1e-10)
    se = expected.std(ddof=1) / np.sqrt(gain.size)
    assert found.qaly_difference.se == pytest.approx(se, rel=1e-8)


def test_what_only_rounding_makes_differ_does_not_differ(run):
    found = run({k: Subgroup(share=s) for k, s in (("a", 0.1), ("b", 0.2), ("c", 0.7))})
    for gap in (found.cost_difference, found.qaly_difference):
        assert (gap.value, gap.se) == (0.0, 0.0)


def test_thin_evidence_is_named_and_its_cutoffs_are_a_choice(run, groups):
    found = run(groups)
    assert found["high"].thin == ("events",)
    assert found["low"].thin == ()
    assert any("choice" in note for note in found.table().attrs["notes"])
    stricter = run(groups, thin_below={"patients": 200})
    assert stricter["high"].thin == ("patients", "events")
    assert dict(stricter.cutoffs) == {**THIN, "patients": 200}


def test_another_age_is_another_severity_and_limit(run):
    found = run({"old": Subgroup(age=85)})
    assert found["old"].decision.wtp < found.whole.decision.wtp
    assert found["old"].decision.severity.population.age == 85


def test_a_severity_in_place_of_an_age_holds_where_no_age_is_given(run, severity):
    found = run({"same": Subgroup(), "old": Subgroup(age=85)}, age=None, severity=severity)
    assert found["same"].decision.severity is severity
    assert found["old"].decision.severity is not severity


def test_an_age_beside_a_severity_is_refused(run, severity):
    with pytest.raises(ResultError, match=r"an age and a severity.*one of them"):
        run({"same": Subgroup()}, age=60, severity=severity)


def test_ready_results_need_no_model(outcomes, rules):
    ready = Subgroup(outcomes=outcomes)
    found = subgroups(ready, {"same": ready}, rules, age=60, **PAIR)
    assert found["same"].decision.icer == found.whole.decision.icer


def test_a_subgroup_may_have_a_model_of_its_own(run, model, draws):
    class Dearer:
        def run(self, draws, rules):
            return model.run(draws.with_values(price=2 * draws["price"]), rules)

    found = run({"dear": Subgroup(model=Dearer())})
    extra = found["dear"].decision.incremental_cost - found.whole.decision.incremental_cost
    np.testing.assert_allclose(extra, draws["price"], rtol=1e-9)


def test_disagreement_with_the_whole_is_named(run):
    found = run({"harmed": Subgroup({"gain": -0.5}), "alike": Subgroup()})
    assert found.disagreeing == ("harmed",)
    assert any("harmed" in note for note in found.table().attrs["notes"])


@pytest.mark.parametrize("language", ["en", "no"])
@pytest.mark.parametrize("quantity", ["net_benefit", "cost_per_qaly", "qaly"])
def test_forest_plot(run, groups, language, quantity):
    found = run({**groups, "harmed": Subgroup({"gain": -0.5}, share=0.0)})
    ax = found.plot(quantity=quantity, language=language)
    names = [tick.get_text() for tick in ax.get_yticklabels()]
    shown = ["high", "low"] + (["harmed"] if quantity != "cost_per_qaly" else [])
    assert names[1:] == shown
    points = [line.get_xdata()[0] for line in ax.lines if line.get_marker() in ("o", "s")]
    expected = {
        "net_benefit": [r.decision.mean_net_benefit.value for r in found.rows],
        "qaly": [r.decision.mean_incremental_qaly.value for r in found.rows],
        "cost_per_qaly": [r.decision.icer for r in found.rows if r.name != "harmed"],
    }[quantity]
    assert points == pytest.approx(expected, rel=1e-9)
    hollow = [
        line.get_markerfacecolor() == "#ffffff"
        for line in ax.lines
        if line.get_marker() in ("o", "s")
    ]
    assert hollow[1]
    assert not hollow[2]


@pytest.mark.parametrize("language", ["en", "no"])
def test_views(run, groups, language):
    found = run(groups)
    table = found.table(language)
    assert table.shape == (3, 8)
    assert pickle.loads(pickle.dumps(found)).to_frame().equals(found.to_frame())
    assert "<table" in found._repr_html_()
    assert repr(found) == "Subgroups(whole indication, high, low)"


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ((0.4, 0.5), r"shares of subgroups do not sum to one; expected a sum of 1; found 0\.9"),
        ((0.4, None), "shares of some subgroups only"),
        ((-0.1, 1.1), "out of range"),
    ],
)
def test_shares_sum_to_one_or_are_left_out(run, shares, message):
    first, second = (Subgroup(share=share) for share in shares)
    with pytest.raises(ResultError, match=message):
        run({"a": first, "b": second})


def test_bad_input_is_refused(run, outcomes, model, draws, rules):
    with pytest.raises(ResultError, match="no subgroups beside the whole"):
        run({})
    with pytest.raises(UnknownNameError, match=r"unknown parameter 'gian'.*'gain'"):
        run({"a": Subgroup({"gian": 1.0})})
    with pytest.raises(ResultError, match="no severity to take the limit from"):
        run({"a": Subgroup()}, age=None)
    with pytest.raises(ResultError, match=r"no results and nothing to run.*one of the two"):
        run({"a": Subgroup()}, draws=None)
    with pytest.raises(ResultError, match="ready results and a run of its own"):
        Subgroup({"gain": 1.0}, outcomes=outcomes)
    with pytest.raises(ResultError, match="number of patients out of range"):
        Subgroup(patients=-1)
    with pytest.raises(UnknownNameError, match="unknown cut-off of thin evidence 'deaths'"):
        run({"a": Subgroup()}, thin_below={"deaths": 1})
    fewer = Subgroup(outcomes=model.run(draws.chunk(0, 100), rules), share=1.0)
    with pytest.raises(ResultError, match="differing numbers of draws"):
        run({"a": fewer})
    with pytest.raises(UnknownNameError, match="unknown quantity 'icer'"):
        run({"a": Subgroup()}).plot(quantity="icer")
    with pytest.raises(UnknownNameError, match="unknown subgroup 'b'"):
        run({"a": Subgroup()})["b"]


@pytest.fixture
def patient(model, draws, rules):
    def assess_patient(**how):
        settings = {"model": model, "draws": draws, "why": "Carries the mutation.", **PAIR, **how}
        group = settings.pop("group", Subgroup(age=60))
        one = settings.pop("patient", Subgroup({"gain": 1.8}, age=45))
        return exceptional_patient(group, one, rules, **settings)

    return assess_patient


def test_a_patient_is_assessed_like_the_group_by_own_numbers(patient, outcomes, rules):
    found = patient()
    severity = absolute_shortfall(outcomes["standard"], age=60, rules=rules)
    assert found.group.to_dict() == assess(outcomes, severity, rules, **PAIR).to_dict()
    assert found.patient.mean_incremental_qaly.value == pytest.approx(1.8, rel=1e-12)
    assert found.patient.severity.population.age == 45
    assert dict(found.changes) == {"gain": 1.8}


def test_the_current_price_holds_for_both(patient, draws):
    found = patient(price=FlatDiscount(0.3, "drug"))
    listed = patient()
    for side in ("group", "patient"):
        saved = getattr(listed, side).incremental_cost - getattr(found, side).incremental_cost
        np.testing.assert_allclose(saved, 0.3 * draws["price"], rtol=1e-9)
    assert found.confidential
    assert "CONFIDENTIAL" in found.table().attrs["notes"][0]


@pytest.mark.parametrize("language", ["en", "no"])
def test_views_of_a_patient(patient, language):
    found = patient()
    table = found.table(language)
    assert table.shape[1] == 2
    assert any("Carries the mutation." in note for note in table.attrs["notes"])
    assert pickle.loads(pickle.dumps(found)).to_frame().equals(found.to_frame())
    assert "<table" in found._repr_html_()


def test_a_patient_needs_a_reason_and_an_age(patient):
    with pytest.raises(ResultError, match="no reason why the patient differs"):
        patient(why=" ")
    with pytest.raises(ResultError, match=r"no age to count severity from \(of patient\)"):
        patient(patient=Subgroup({"gain": 1.8}))


def in_view(outcomes, view):
    return replace(outcomes, provenance={**outcomes.provenance, "perspective": {"view": view}})


def test_runs_in_different_perspectives_are_refused(run, patient, outcomes):
    one, other = (Subgroup(outcomes=in_view(outcomes, v), age=60) for v in ("extended", "society"))
    found = run({"a": one}, whole=one)
    assert found.whole.decision.provenance["perspective"]["view"] == "extended"
    with pytest.raises(ResultError, match=r"different perspectives.*a: extended, b: society"):
        run({"a": one, "b": other}, whole=one)
    with pytest.raises(ResultError, match=r"different perspectives.*: all costs, a: extended"):
        run({"a": one}, whole=Subgroup())
    assert patient(group=one, patient=one).group.favours
    with pytest.raises(ResultError, match=r"group: extended, patient: society.*in_perspective"):
        patient(group=one, patient=other)
