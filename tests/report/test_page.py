"""The page in words: both languages, both views, nothing from elsewhere, nothing unescaped."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from prioritering.decision import Patients, StaffTime, assess, personnel
from prioritering.decision.page.page import decision_page
from prioritering.errors import UnknownNameError
from prioritering.report.page.figure import decision_figure, decision_svg
from prioritering.report.page.lines import page_lines
from prioritering.yearly import YearlyOutcomes
from tests.decision.page_material import RULES, at_net, everything, needed

DISCOUNT = 0.4
VOID = {"meta", "col", "br"}


@pytest.fixture(scope="module", params=["public", "confidential"])
def view(request):
    return request.param


@pytest.fixture(scope="module")
def page(view):
    return decision_page(**everything(), **at_net(DISCOUNT), view=view)


class Reader(HTMLParser):
    """Text, tags and attributes of a document; tags must be closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.texts, self.links = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [v for k, v in attrs if k in ("src", "href", "xlink:href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [v for k, v in attrs if k in ("src", "href", "xlink:href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def read(html):
    reader = Reader()
    reader.feed(html)
    assert not reader.open
    return reader


def test_the_html_stands_alone_and_holds_every_line(page, language):
    found = read(page.html(language))
    assert found.tags.count("html") == found.tags.count("svg") == found.tags.count("table") == 1
    assert not {"script", "link", "img", "iframe"} & set(found.tags)
    assert all(link.startswith("#") for link in found.links)
    assert "url(http" not in page.html(language)
    texts = set(found.texts)
    for line in page_lines(page, language):
        assert line.value in texts
        assert line.net in texts | {""}
        assert line.wide or line.name in texts
    assert "size: A4" in page.html(language)


def test_views_are_marked_on_top(page, view, language):
    words = {
        ("public", "en"): "Public version",
        ("public", "no"): "Offentlig versjon",
        ("confidential", "en"): "CONFIDENTIAL: net prices",
        ("confidential", "no"): "KONFIDENSIELT: nettopriser",
    }[view, language]
    assert page.text(language).startswith(f"**{words}")
    body = page.html(language).split("<body>")[1]
    assert body.index(words) < body.index("<h1>")
    assert page.table(language).attrs["notes"][0].startswith(words)


def test_it_says_that_it_does_not_decide(page, language):
    words = {"en": "It does not say what to decide", "no": "Den sier ikke hva som skal besluttes"}
    assert words[language] in page.text(language)
    assert words[language] in page.html(language)
    for verdict in ("should", "can be adopted", "bør", "kan innføres"):
        assert verdict not in page.text(language)
        assert verdict not in page.html(language)


def test_numbers_are_rounded_with_their_errors_and_sources(language):
    text = decision_page(**everything()).text(language)
    run = everything()["outcomes"]
    icer = np.diff(run.cost.mean(axis=1))[0] / np.diff(run.qaly.mean(axis=1))[0]
    shown = {"en": f"{icer:,.0f}", "no": f"{icer:,.0f}".replace(",", "\N{NO-BREAK SPACE}")}
    assert f"{shown[language]} (" in text
    note = {"en": "[3] På ramme alvor", "no": "[3] På ramme alvor"}[language]
    assert note in text
    force = {"en": "in force from 2018-01-01", "no": "gjelder fra 2018-01-01"}[language]
    assert force in text
    assert {"en": "NOK\xa012,000 per unit", "no": "12\xa0000\xa0NOK per enhet"}[language] in text


def test_a_reader_is_told_what_the_numbers_are(language):
    text = decision_page(**everything(), **at_net(DISCOUNT), view="confidential").text(language)
    for words in {
        "en": (
            "Results are means over 2,000 draws, not the base case",
            "Net growth of all health and care costs, NOK million: ",
            "Net growth counted against the authority limit, NOK million: ",
            "100.0, counts drug cost in the financing service",
            "Discount under agreement: no agreement | at net price: 40.0\xa0%",
        ),
        "no": (
            "Resultatene er gjennomsnitt over 2\xa0000 trekninger, ikke hovedanalysen",
            "Netto vekst i alle helse- og omsorgskostnader, mill. NOK: ",
            "Netto vekst som måles mot fullmaktsgrensen, mill. NOK: ",
            "100,0, gjelder legemiddelkostnad i finansierende tjeneste",
            "Rabatt etter avtale: ingen avtale | til nettopris: 40,0\xa0%",
        ),
    }[language]:
        assert words in text
    shortfall = everything()["severity"].expected.shortfall_rounded
    assert text.replace(",", ".").count(f"{shortfall:.2f}") == 2


def test_assumptions_are_a_list_of_their_own():
    page = decision_page(**everything() | {"assumptions": ["one", "two; with a pause"]})
    assert "- one (assumption)\n- two; with a pause (assumption)\n" in page.text()


def test_what_was_not_given_says_so(language):
    page = decision_page(**needed())
    words = {"en": "not stated", "no": "ikke oppgitt"}[language]
    table = page.table(language)
    assert (table.iloc[:, 0] == words).sum() == len(page.not_stated)
    assert len(table.columns) == 2


def test_a_changed_limit_and_hours_by_year_are_shown(language):
    found, run = needed(), needed()["outcomes"]
    nurse = StaffTime("nurse", level="specialist", hours=1.5, source="time study")
    by_year = YearlyOutcomes.from_arrays(
        run.strategies,
        cost=np.zeros((2, 5, 2)),
        resource_use={"visits": [[[0.0, 0.0]] * 5, [[4.0, 1.0]] * 5]},
    )
    hours = personnel(
        by_year,
        staff={"visits": [nurse]},
        reference="standard",
        option="new",
        rules=RULES,
        patients=Patients(incidence=10, uptake=1.0),
        years=2,
        first_year=2027,
    )
    changed = assess(
        run, found["severity"], RULES, reference="standard", option="new", wtp_adjustment=-50_000
    )
    page = decision_page(**found | {"decision": changed}, personnel=hours)
    text = page.text(language)
    assert {"en": "-50,000", "no": "-50\xa0000"}[language] in text
    assert "2027: 60.0 (0.0); 2028: 75.0" in text.replace(",", ".")


def test_net_price_numbers_are_in_the_confidential_page_alone(language):
    open_, secret = (
        decision_page(**everything(), **at_net(DISCOUNT), view=view)
        for view in ("public", "confidential")
    )
    plain = {line.value for line in page_lines(secret, language)}
    hidden = {
        part
        for line in page_lines(secret, language)
        for part in re.findall(r"\d[\d,.\xa0]{3,}\d", line.net)
        if not any(part in value for value in plain)
    }
    assert len(hidden) >= 8
    for part in hidden:
        assert part in secret.html(language)
        assert part not in open_.text(language)
        assert part not in " ".join(read(open_.html(language)).texts)
    assert not re.search(r"(?<!\d)(40|60)([.,]0)?\s?%", open_.text(language))


def test_public_html_is_the_same_for_discounts_it_does_not_tell_apart(language):
    pages = [
        decision_page(**everything(), **at_net(discount)).html(language)
        for discount in (0.35, 0.4, 0.55)
    ]
    assert len(set(pages)) == 1


def test_what_is_published_and_kept_is_explained(language):
    text = decision_page(**everything(), **at_net(DISCOUNT)).text(language)
    for words in {
        "en": ("at or below the limit", "not published", "at least 20\xa0% must stay open"),
        "no": ("på eller under grensen", "ikke offentliggjort", "minst 20\xa0% må holdes åpne"),
    }[language]:
        assert words in text


def test_the_evidence_is_at_least_as_doubtful_as_judged(language):
    words = {"en": "at least low concern", "no": "minst liten bekymring"}[language]
    assert words in decision_page(**everything()).text(language)


def test_texts_of_the_user_are_escaped():
    bad = '<script>alert("x")</script> & co'
    page = decision_page(
        **needed() | {"title": bad, "patients": bad}, assumptions=[bad], sources=[bad]
    )
    html = page.html()
    assert "<script" not in html
    assert read(html).texts.count(bad) >= 4
    assert "<script" not in page._repr_html_()


def test_the_figure_is_the_same_for_the_same_decision(language):
    decision = needed()["decision"]
    one, other = (decision_svg(decision, language=language) for _ in range(2))
    assert one == other
    assert one.startswith("<svg")
    assert "metadata" not in one
    texts = [text.get_text() for text in decision_figure(decision, language=language).axes[0].texts]
    assert len(texts) == 4
    assert not any("Monte Carlo" in text for text in texts)


def test_a_language_without_words_is_refused():
    page = decision_page(**needed())
    for write in (page.html, page.text, page.table):
        with pytest.raises(UnknownNameError, match="unknown language 'nn'"):
            write("nn")
