"""The briefing at many dates: what the other reports say, and what changed between two days."""

from __future__ import annotations

import datetime as dt

import pytest

from nissan_analysis import briefing, disputes, outlook, parameters
from nissan_analysis.ledger import Ledger
from nissan_analysis.wording import SMALL, stray_digits

SETS = [
    {},
    {"as_of": "2019-01-01"},
    {"as_of": "2022-06-30"},
    {"as_of": "2023-12-31", "since": "2022-01-01"},
    {"as_of": "2024-03-31"},
    {"as_of": "2024-12-24"},
    {"as_of": "2025-06-30", "since": "2024-03-31"},
    {"as_of": "2025-07-20"},
    {"as_of": "2026-02-28", "since": "2026-02-27"},
]


@pytest.mark.parametrize("given", SETS, ids=str)
def test_every_part_at_every_date(given):
    p = parameters.validate("briefing", given)
    ledger = Ledger.load(str(p.as_of))
    earlier = Ledger.load(briefing.since(ledger, p))
    assert earlier.as_of < ledger.as_of
    title, summary = briefing.finding(ledger, p)
    assert title.text
    assert summary.text
    keys = briefing.keys(ledger, p)
    assert len(keys) <= 10
    for chart in (
        briefing.china_chart(ledger, p),
        briefing.sakura_chart(ledger, p),
        briefing.plants_chart(ledger, p),
    ):
        if chart is not None:
            assert not chart.data.empty
            chart.figure()
    table = briefing.changes_table(ledger, earlier)
    assert table is None or len(table.rows[0]) == 3
    for confirmed in (True, False):
        told = briefing.news(ledger, earlier, confirmed)
        assert len(told) != 1  # a list is introduced, or is not there
    assert len(briefing.weak_points(ledger)) == 3
    assert disputes.confidence(ledger).text
    tables = [disputes.table(ledger, group) for group in disputes.GROUPS]
    listed = sum(len(t.rows) for t in tables if t is not None)
    assert listed == len(ledger.disagreements())
    assert stray_digits(title.text.replace("%", "")) == [] or title.facts


def test_the_title_says_that_the_plants_are_those_outside_china():
    ledger = Ledger.load()
    title = briefing.finding(ledger, parameters.validate("briefing", {}))[0].text
    assert title.endswith("a plan for ten plants outside China instead of 17")


def test_twelve_months_unless_given():
    ledger = Ledger.load("2024-03-31")
    assert briefing.since(ledger, parameters.validate("briefing", {})) == dt.date(2023, 3, 31)
    given = parameters.validate("briefing", {"as_of": "2024-03-31", "since": "2023-12-01"})
    assert briefing.since(ledger, given) == dt.date(2023, 12, 1)


def test_what_changed_between_two_days():
    ledger, earlier = Ledger.load("2025-06-30"), Ledger.load("2024-03-31")
    table = briefing.changes_table(ledger, earlier)
    assert table is not None
    sales = next(row for row in table.rows if row[0].text.startswith("Sales in China"))
    assert [cell.text for cell in sales[1:]] == ["793,768 (2023)", "696,631 (2024)"]
    assert not any("forecast" in row[0].text for row in table.rows)  # that of FY2024 is over
    assert table.note is not None and table.note.text.endswith("A dash: none found.")
    jobs = next(row for row in table.rows if row[0].text.startswith("Job cuts"))
    assert jobs[1].text == "–"
    assert jobs[2].text.startswith("20,000")


def test_sales_worldwide_and_the_forecast_are_among_the_figures():
    table = briefing.changes_table(Ledger.load(), Ledger.load("2025-09-30"))
    assert table is not None
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}
    assert rows["Sales worldwide, vehicles a year"] == ["3,348,687 (2024)", "3,202,137 (2025)"]
    assert rows["Operating profit, forecast, bn yen"] == ["–", "200 (FY2026)"]


def test_news_is_of_the_time_between_and_says_how_much_it_leaves_out():
    ledger, earlier = Ledger.load("2025-07-20"), Ledger.load("2025-05-01")
    told = briefing.news(ledger, earlier, confirmed=True, most=2)
    assert "the latest two of" in told[0].text
    assert len(told) == 3
    assert "15 July 2025" in told[1].text


def test_what_is_due_comes_first_and_what_is_overdue_is_called_so():
    head, *said = [line.text for line in outlook.due(Ledger.load())]
    assert head.startswith(f"{SMALL[len(said)].capitalize()} plants with an end")
    assert said[0].startswith("FY2026 (to March 2027): Shonan, Japan")  # by the fiscal year only
    assert any(line.startswith("Was due by 31 May 2026, not confirmed: COMPAS") for line in said)
    # Denied by its owners, so never due; and which Thai plant ends is open.
    assert any(line.startswith("Reported for 31 March 2026, and denied: Wuhan") for line in said)
    assert any("not confirmed: Samut Prakan (one of two)" in line for line in said)
    assert not any("Samut Prakan I" in line for line in said)
    assert any("Nissan says that no plant closes" in line for line in said)


def test_what_is_open_says_how_much_it_leaves_out():
    head, *said = [line.text for line in outlook.undecided(Ledger.load())]
    assert head.startswith("Open, without a date (the latest four of ")
    assert len(said) == 4 and said[0].startswith("Press: deal with Chery")
    assert "does not bind" in said[0]  # no step from a memorandum to a deal
    cleared = next(line for line in said if "clears the export company" in line)
    assert cleared.endswith("no shipment and no export figures were found.")
    assert outlook.undecided(Ledger.load("2010-01-01")) == []
    assert outlook.due(Ledger.load("2010-01-01")) == []


def test_a_deal_of_which_the_headline_alone_is_known_is_said_to_be_so():
    told = briefing.news(Ledger.load(), Ledger.load("2025-09-30"), confirmed=False)
    deal = next(line.text for line in told if "deal with Chery" in line.text)
    assert "Only the headline is in hand" in deal and "does not bind" in deal


def test_what_is_said_of_disputes_is_what_the_tables_list():
    ledger = Ledger.load()
    said = disputes.confidence(ledger).text
    found = [disputes.table(ledger, group) for group in disputes.GROUPS]
    rows = [row for table in found if table is not None for row in table.rows]
    still = [row for row in rows if row[2].text == "none: open"]
    assert said.startswith(f"On {len(rows)} figures")
    assert f"all but {SMALL[len(still)]} one side" in said
    for row in rows:
        assert row[1].facts, "every value names its source"
        assert row[3].text not in ("", "–"), "every ruling has a reason"


def test_news_whose_day_has_passed_says_so(ledger: Ledger) -> None:
    """The NX8 was to appear in the first half of 2026, and was not found to."""
    earlier = Ledger.load("2025-09-30")
    line = next(n for n in briefing.news(ledger, earlier, confirmed=True) if "NX8" in n.text)
    assert line.text.endswith("(announced; date passed, not confirmed).")
    then = Ledger.load("2026-06-30")
    line = next(n for n in briefing.news(then, earlier, confirmed=True) if "NX8" in n.text)
    assert line.text.endswith("(announced).")
