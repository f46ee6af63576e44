"""Faults in what a case says of correlations, sensitivity analyses and documentation."""

from __future__ import annotations

import pytest

from prioritering.dossier import (
    build_case,
    check_case,
    run_case,
)
from prioritering.errors import CaseError, ParameterError, PrioriteringError, UnknownNameError

from .conftest import Write
from .sensitivity_case import ASKED, Load, sections


@pytest.mark.parametrize(
    ("old", "new", "kind", "said"),
    [
        ('"rate_dead"]\nrank', '"rate_ded"]\nrank', UnknownNameError,
         r"unknown parameter 'rate_ded' \(file case\.toml, key correlations\[0\], line \d+.*'rate"),
        ('"rate_dead"]\nrank', '"cost_new"]\nrank', ParameterError,
         r"cost_new cannot be .*correlations\[0\]"),
        ('"rate_dead"]\nrank', '"rate"]\nrank', ParameterError, r"key correlations\[0\]"),
        ("[documentation]", '[[correlations]]\nparameters = ["rate_dead", "rate"]\nrank = 0.1\n\n'
         "[documentation]", CaseError, r"written twice \(.*correlations\[1\].*rate_dead, rate"),
        ("[documentation]", '[[correlations]]\nparameters = ["rate", "hr"]\nrank = 0.9\n\n'
         '[[correlations]]\nparameters = ["rate_dead", "hr"]\nrank = -0.9\n\n'
         "[documentation]", ParameterError, "key correlations, line"),
    ],
)  # fmt: skip
def test_correlations_that_cannot_be_are_refused_in_their_place(
    load: Load, old: str, new: str, kind: type[PrioriteringError], said: str
) -> None:
    with pytest.raises(kind, match=said):
        build_case(load(sections((old, new))))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("rank = 0.5", "rank = 1.0", r"correlations\[0\]\.rank, line \d+.*less than 1"),
        ("interval = 0.9", "interval = 1.5", r"sensitivity\.interval, line.*less than 1"),
        ("interval =", "intervall =", r"unknown key 'intervall'.*Did you mean 'interval'"),
        ("[100_000, 400_000]", "[100_000]", r"ranges\.cost_new.*at least 2 items"),
        ("values = { cost_new = 90_000 }", "", r"scenarios\.cheap.*a scenario with other values"),
        ('why = "the price falls"', "", r"scenarios\.cheap.*the key 'why'"),
        ('sex = "female"', 'sex = "f"', r"scenarios\.women\.sex.*'pooled', 'male' or 'female'"),
        ("evidence =", "evidens =", r"unknown key 'evidens' .*documentation.*'evidence'"),
    ],
)
def test_faults_are_told_with_key_and_line(load: Load, old: str, new: str, said: str) -> None:
    with pytest.raises(PrioriteringError, match=said):
        load(sections((old, new)))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cost_new = [100_000", "cost = [100_000",
         r"unknown parameter 'cost' \(.*sensitivity\.ranges\.cost, line \d+.*'cost_new'"),
        ("[100_000, 400_000]", "[400_000, 100_000]", r"ranges\.cost_new.*the lower first"),
        ("hr = [0.99, 1.0]", "hs = [0.99, 1.0]", r"'hs' \(.*sensitivity\.thresholds\.hs, line"),
        ("hr = [0.99, 1.0]", "hr = [1.0, 0.9]", r"thresholds\.hr.*the lower first"),
        ('disease = ["rate", "rate_dead"]', 'disease = ["rat"]', r"'rat' \(.*sensitivity\.groups"),
        ('disease = ["rate", "rate_dead"]', 'disease = ["rate", "hr"]', "cuts through correlated"),
        ("{ cost_new = 90_000 }", "{ cost_nw = 1 }", r"'cost_nw' \(.*scenarios\.cheap, line"),
        ("{ cost_new = 90_000 }", "{ hr = { a = 1 } }", r"scenarios\.cheap.*one number"),
        ("horizon = { years = 10 }", "horizon = { months = 7 }", "not a whole number of cycles"),
        ('"rct_head_to_head"', '"rct"', r"'rct' \(.*key documentation, line \d+"),
        ("{ years = 5 }", "{ years = 30 }", r"no part of the horizon.*documentation\.follow_up"),
        ("notes.median", "notes.medan", r"unknown domain 'medan'.*documentation"),
    ],
)  # fmt: skip
def test_check_and_analysis_tell_the_same_fault(
    load: Load, write: Write, old: str, new: str, said: str
) -> None:
    changed = sections((old, new))
    errors = [f.text for f in check_case(write(changed)) if f.level == "error"]
    assert len(errors) == 1
    with pytest.raises(PrioriteringError, match=said):
        raise CaseError(errors[0])
    with pytest.raises(PrioriteringError, match=said):
        run_case(load(changed), draws=2, uncertainty=True)


def test_check_lists_every_fault_and_is_silent_on_a_sound_case(write: Write) -> None:
    many = sections(("cost_new = [100_000", "a = [100_000"), ("hr = [0.99", "b = [0.99"))
    errors = [f.text for f in check_case(write(many)) if f.level == "error"]
    assert ["'a'" in errors[0], "'b'" in errors[1], len(errors)] == [True, True, 2]
    assert not [f for f in check_case(write(ASKED)) if f.level == "error"]


def test_check_warns_of_what_changes_nothing(write: Write) -> None:
    spare = ('[parameters.u]\n', '[parameters.spare]\ndistribution = "fixed"\nvalue = 1\n'
             'source = "x"\n\n[parameters.u]\n')  # fmt: skip
    moved = sections(("values = { cost_new", "values = { spare = 2, cost_new"))
    texts = [f.text for f in check_case(write(spare, moved)) if f.level == "warning"]
    assert "sensitivity.scenarios.cheap moves 'spare', which the model does not use" in texts
    skipped = (
        "[run]\ndraws = 200\n",
        '[severity]\nskip = "none"\n\n[decision]\nwtp = 1e5\nwtp_source = "x"\n\n'
        '[documentation]\nsurrogate = "none"\n\n[run]\n',
    )
    texts = [f.text for f in check_case(write(skipped)) if f.level == "warning"]
    assert "[documentation] is not used: without severity, no decision" in texts
