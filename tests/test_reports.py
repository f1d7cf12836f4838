"""The committed reports: current, complete, and every number in them leads to the ledger."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nissan_analysis import running
from nissan_analysis.fingerprint import code_version
from nissan_analysis.ledger import Ledger
from nissan_analysis.places import REPORTS
from prose import prose_digits

FOLDER = Path(__file__).resolve().parent.parent / "reports"
LEDGER = Ledger.load()
STALE = "run `make notebooks reports` and commit what changes"


def facts_of(report: str) -> dict:
    return json.loads((FOLDER / f"{report}.facts.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("report", REPORTS)
def test_all_three_files_are_there_and_current(report):
    for ending in (".html", ".pdf", ".facts.json"):
        assert (FOLDER / f"{report}{ending}").exists(), STALE
    foot = facts_of(report)["foot"]
    assert foot["data"] == LEDGER.digest(foot["reads"]), f"data that {report} reads: {STALE}"
    assert foot["code"] == code_version(report), f"{report} was made by other code: {STALE}"


def test_rendering_again_gives_the_committed_bytes(tmp_path):
    task = running.task("alliances", {})
    made = running.produce(task)
    assert isinstance(made, running.Made), made
    for kind, content in made.files.items():
        committed = (FOLDER / f"alliances{running.FORMATS[kind]}").read_bytes()
        assert content == committed, f"alliances{running.FORMATS[kind]} differs: {STALE}"


@pytest.mark.parametrize("report", REPORTS)
def test_no_digit_in_the_prose_without_a_source(report):
    assert prose_digits((FOLDER / f"{report}.html").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("report", REPORTS)
def test_every_number_leads_to_the_ledger(report):
    found = facts_of(report)
    events = {e.event for e in LEDGER.events}
    known = {
        "assumption": LEDGER.assumptions,
        "event": events,
        "outcome": events,
        "plant": LEDGER.plants,
        "parameter": found["foot"]["parameters"],
        "note": LEDGER.facts,
    }
    assert found["numbers"]
    for number in found["numbers"]:
        for fact in number["facts"]:
            kind, _, name = fact.partition(":")
            assert (name in known[kind]) if name else (fact in LEDGER.facts), number
        if number["low"] is not None:
            assert number["low"] <= number["value"] <= number["high"], number


@pytest.mark.parametrize("report", REPORTS)
def test_facts_are_told_as_the_ledger_has_them(report):
    for fact, record in facts_of(report)["facts"].items():
        if ":" not in fact:
            row = LEDGER.facts[fact]
            assert (record["value"], record["status"]) == (row.value, row.status)


def test_the_front_door_leads_to_every_file():
    page = (FOLDER / "index.html").read_text(encoding="utf-8")
    links = set(re.findall(r'href="([^"#:]+)"', page))
    for report in REPORTS:
        wanted = {f"{report}{e}" for e in (".html", ".pdf", ".facts.json")}
        assert wanted | {f"../notebooks/{report}.ipynb"} <= links
    for link in links:
        assert (FOLDER / link).exists(), link


@pytest.mark.parametrize("report", REPORTS)
def test_no_path_no_host_no_clock(report):
    text = (FOLDER / f"{report}.html").read_text(encoding="utf-8")
    assert not re.search(r"/(?:home|root|tmp|Users|var)/", text)
    assert "localhost" not in text


PAGES = [*REPORTS, "index"]


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_pages_in_a_browser(page, name, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.context.set_offline(True)
    page.goto((FOLDER / f"{name}.html").as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert page.evaluate("document.scripts.length") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert said == []
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = {"runOnly": {"type": "tag", "values": tags}}
    found = Axe().run(page, options=options).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == []
