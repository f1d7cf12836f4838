"""The alliances: steps and standings, the scoreboard, denials, scale, holdings, every vintage."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from cells import outputs
from nissan_analysis import alliances as a
from nissan_analysis import provenance
from nissan_analysis.alliances import answers, charts, deals, due, holdings, reports, scale, story
from nissan_analysis.alliances import moves as steps
from nissan_analysis.alliances.moves import Move, moves
from nissan_analysis.alliances.plans import NO_PLANS, PARTNERS, PLANS
from nissan_analysis.alliances.reports import (
    RETELLINGS,
    other_reports,
    partner_reports,
    tally,
)
from nissan_analysis.ledger import Ledger
from nissan_analysis.parameters import Alliances, validate


@pytest.fixture(scope="module")
def p() -> Any:
    return validate("alliances", {})


def named(found: list[Move], short: str) -> Move:
    return next(m for m in found if m.plan.short == short)


# -- the vocabulary against the data ------------------------------------------------------------


def test_every_partner_of_the_parameter_has_a_name_and_a_move() -> None:
    choices = Alliances.model_fields["partners"].default
    assert set(choices) == set(PARTNERS) == {plan.partner for plan in PLANS}


def test_no_event_of_the_category_alliance_is_left_out(ledger: Ledger) -> None:
    held = {e.event for e in ledger.events for plan in PLANS if plan.holds(e)}
    missed = [e.event for e in ledger.events if e.category == "alliance" and e.event not in held]
    assert not missed


def test_an_event_belongs_to_one_move_only(ledger: Ledger) -> None:
    for e in ledger.events:
        assert sum(plan.holds(e) for plan in PLANS) <= 1, e.event


def test_the_lists_of_exceptions_name_events_that_exist(ledger: Ledger) -> None:
    known = {e.event for e in ledger.events}
    assert {*NO_PLANS, *RETELLINGS, *RETELLINGS.values()} <= known


# -- where moves stand ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "short", "standing"),
    [
        ("latest", "Honda: electric cars, projects", "agreed"),
        ("2024-12-31", "Honda: electric cars, projects", "agreed"),
        ("latest", "Honda: merger", "ended"),
        ("2025-01-31", "Honda: merger", "agreed"),
        ("latest", "Renault: money for Ampere", "ended"),
        ("2025-03-30", "Renault: money for Ampere", "announced"),
        ("latest", "Renault: Chennai plant", "completed"),
        ("latest", "Renault: shareholdings", "agreed"),
        ("latest", "Foxconn: cars at Oppama", "reported as ended"),
        ("2025-07-10", "Foxconn: cars at Oppama", "reported, not confirmed"),
        (
            "latest",
            "Dongfeng: exports from China",
            "agreed",
        ),  # cleared, and nothing shipped is known
        ("2025-08-15", "Dongfeng: exports from China", "agreed"),
        ("latest", "Honda: pick-ups at Canton", "reported"),
        ("latest", "Mitsubishi: kei EV in house", "reported again"),
        ("latest", "Geely: engines, with Renault", "completed"),
    ],
)
def test_standing(as_of: str, short: str, standing: str, p: Any) -> None:
    assert named(moves(Ledger.load(as_of), p), short).standing == standing


def test_the_report_that_talks_would_end_does_not_complete_the_merger(
    ledger: Ledger, p: Any
) -> None:
    steps = named(moves(ledger, p), "Honda: merger").steps
    assert [s.status for s in steps if s.date == dt.date(2025, 2, 13)] == ["cancelled"]


def test_only_the_merger_talks_with_honda_are_said_to_have_ended(ledger: Ledger, p: Any) -> None:
    """The whole partnership stood as ended, beside Nissan's word that joint projects went on."""
    _, standfirst = a.finding(ledger, p)
    assert "What ended: the merger talks with Honda" in standfirst.text
    table = story.moves_table(ledger, p)
    assert table is not None
    rows = {row[0].text: [cell.text for cell in row[2:]] for row in table.rows}
    stands, word = rows["Honda: electric cars, projects"]
    assert stands == "agreed, 1 Aug 2024" and word.startswith("Work on joint projects went on")
    assert rows["Honda: merger"][0] == "ended, 13 Feb 2025"
    assert "joint projects" not in rows["Honda: merger"][1]
    then = named(moves(Ledger.load("2024-12-31"), p), "Honda: merger")
    assert then.standing == "agreed"


def test_a_last_word_of_the_press_is_called_so(ledger: Ledger, p: Any) -> None:
    said = {q.text.partition("?")[0]: q.text for q in story.open_questions(ledger, p)}
    assert "(press), September 2025: Foxconn" in said["Foxconn: Will Foxconn build cars at Oppama"]
    assert "(press)" in said["IAT: Is the car's software cleared for markets abroad"]
    assert "(press)" not in said["Honda: Will Canton build pick-ups for Honda"]  # Nissan's own word
    assert "Mercedes: Has COMPAS built its last car" in said  # that it has was not confirmed
    remark = story.open_questions(Ledger.load("2025-06-30"), p)[0].text
    assert "chief executive: open to" in remark and "(press)" not in remark


def test_a_plan_whose_own_date_has_passed_is_not_simply_open(ledger: Ledger) -> None:
    """A fifth more of the twins in fiscal 2023: 40,754 were sold in the year before, 38,500 in it."""
    table = reports.other_board(ledger)
    assert table is not None
    rows = {row[0].text: row[2].text for row in table.rows}
    told = rows["A fifth more Sakura and eK X EV to be built in fiscal 2023"]
    assert told.startswith("Date passed; not confirmed.")
    assert "fell from 40,754 in FY2022 (on sale from May 2022) to 38,500 in FY2023, by 6%" in told
    assert not [t for name, t in rows.items() if "Date passed" in t and "fiscal 2023" not in name]
    assert not any("last working days" in name for name in rows), "no plan"
    plan = ledger.event("kei-output-2022")
    assert due.overdue(Ledger.load("2023-09-30"), plan) is None


def test_counts_of_moves_add_up(ledger: Ledger, p: Any) -> None:
    from nissan_analysis.alliances.moves import by_standing

    n = by_standing(moves(ledger, p))
    parts = sum(n[k].value for k in ("agreed", "completed", "announced", "ended", "reported"))
    assert parts == n["all"].value == len(moves(ledger, p))


# -- the scoreboard -----------------------------------------------------------------------------


def test_a_retelling_is_not_counted_again(ledger: Ledger, p: Any) -> None:
    told = {r.event.event for r in partner_reports(ledger, p)}
    assert "honda-nikkei-week" in told and "honda-partnership-reported" not in told
    assert "kei-ev-inhouse-reported" in told and "kei-ev-inhouse-bnn" not in told


def test_reports_are_either_with_a_partner_or_not(ledger: Ledger, p: Any) -> None:
    ours = {r.event.event for r in partner_reports(ledger, p)}
    others = {r.event.event for r in other_reports(ledger)}
    assert not ours & others
    reported = {e.event for e in ledger.events if e.status == "reported"}
    assert reported == ours | others | set(NO_PLANS) | set(RETELLINGS) & reported


def test_what_an_officer_said_is_not_called_a_press_report(ledger: Ledger, p: Any) -> None:
    """The report called moves "on press reports alone" that companies had spoken of on record."""
    speakers = {e.event: e.speaker for e in ledger.events if e.speaker}
    assert set(speakers) == {
        "china-export-base",  # the president of Nissan China
        "dongfeng-sunderland",  # the chief executive
        "kei-ev-inhouse-direction",  # a vice-president
    }
    c = reports.counts(ledger, p)
    assert c is not None
    assert (c["press"].value, c["remarks"].value, c["later"].value) == (10, 2, 1)
    assert (c["came_remarks"].value, c["partly_remarks"].value) == (0, 1)
    n = steps.by_standing(moves(ledger, p))
    assert (n["reported"].value, n["press"].value, n["remarked"].value) == (9, 7, 2)
    board = reports.scoreboard(ledger, p)
    assert board is not None
    assert "ten first told by the press, two by an officer on record" in board.title.text
    said = {row[0].facts[0]: row[2].text for row in board.rows}
    assert said["event:china-export-base"] == "Told on record by the president of Nissan China."
    assert said["event:dongfeng-sunderland"] == "Told on record by Nissan's chief executive."
    assert "On record, 22 Jan 2025: Nissan vice-president" in said["event:kei-ev-inhouse-reported"]
    assert "event:dongfeng-platform" not in said  # Dongfeng Group announced it
    assert named(moves(ledger, p), "Dongfeng: electric platform").standing == "announced"
    stands = named(moves(ledger, p), "Dongfeng: cars at Sunderland").stands_at
    assert stands == "remark on record"


@pytest.mark.parametrize(
    ("as_of", "words"),
    [
        ("2024-03-31", "two on press reports alone"),
        ("2025-02-28", "two on reports or remarks alone"),
        ("2025-06-30", "three on reports or remarks alone"),
        ("2025-12-31", "seven on reports or remarks alone"),
        ("latest", "nine on reports or remarks alone"),
    ],
)
def test_the_picture_says_on_what_the_moves_rest_that_came_no_further(
    as_of: str, words: str, p: Any
) -> None:
    chart = charts.timeline(Ledger.load(as_of), p)
    assert chart is not None and chart.title.text.endswith(words)
    assert ("remark on record" in chart.alt) == ("remarks" in words)
    alone = charts.timeline(
        Ledger.load("2025-06-30"), validate("alliances", {"partners": ["honda"]})
    )
    assert alone is not None and "remark" not in alone.title.text


def test_days_from_report_to_end(ledger: Ledger, p: Any) -> None:
    by = {r.event.event: r for r in partner_reports(ledger, p)}
    foxconn = by["foxconn-oppama-reported"]
    assert foxconn.result == "unconfirmed" and foxconn.answer is not None
    assert foxconn.answer.event == "foxconn-oppama-answer"
    assert foxconn.wait is None  # the end rests on a report that nobody confirmed
    # Some day of March 2024 before the agreement of the 15th; the source does not tell which.
    honda = by["honda-nikkei-week"].wait
    assert honda is not None and (honda.value, honda.qualifier) == (14, "up_to")
    thailand = {r.event.event: r for r in other_reports(ledger)}["thailand-2024"].wait
    # Some day of November 2024 to 30 June 2025: 241 days from the first of the month.
    assert thailand is not None and (thailand.value, thailand.qualifier) == (241, "up_to")
    board = reports.scoreboard(ledger, p)
    assert board is not None
    days = {row[0].text: row[-1].text for row in board.rows}
    assert days["Partnership with Honda could cover joint purchasing and development"] == "up to 14"
    assert "The same day: Nissan: the Foxconn report" in board.text()
    assert by["honda-canton"].wait is None


def test_a_plan_that_lapsed_has_no_day_of_its_end(ledger: Ledger) -> None:
    lapsed = [r for r in other_reports(ledger) if r.event.outcome_status == "lapsed"]
    assert len(lapsed) == 2 and all(r.result == "ended" and r.wait is None for r in lapsed)


def test_having_nothing_to_share_is_what_the_company_said(ledger: Ledger, p: Any) -> None:
    board = reports.scoreboard(ledger, p)
    assert board is not None
    said = {row[0].text: row[2].text for row in board.rows}
    assert said["Nissan may build pick-ups for Honda at Canton"].startswith("Nissan had nothing to")


def test_a_clearance_is_not_a_shipment(ledger: Ledger, p: Any) -> None:
    move = named(moves(ledger, p), "Dongfeng: exports from China")
    assert (move.stands_at, move.decided and move.decided.date) == (
        "agreed and cleared",
        dt.date(2025, 8, 29),
    )
    n = steps.by_standing(moves(ledger, p))
    # Of Nissan's own moves the sale of Chennai alone is completed; the engine company has no Nissan in it.
    assert (n["completed"].value, n["done_foreign"].value) == (2, 1)
    assert "two completed (one of them without Nissan)" in a.finding(ledger, p)[0].text


def test_the_counts_rest_on_the_events_counted(ledger: Ledger, p: Any) -> None:
    c = tally(partner_reports(ledger, p), ledger.as_of)
    assert c is not None
    assert sum(c[name].value for name in reports.OUTCOMES) == c["all"].value
    assert c["settled"].value + c["undecided"].value == c["all"].value
    assert "event:honda-nikkei-week" in c["came"].facts
    assert "event:foxconn-oppama-reported" in c["unconfirmed"].facts
    assert tally([], ledger.as_of) is None


def test_an_early_vintage_does_not_know_the_outcome(p: Any) -> None:
    then = Ledger.load("2025-07-10")
    report = next(r for r in partner_reports(then, p) if r.event.event == "foxconn-oppama-reported")
    assert report.result == "open" and report.event.outcome == ""
    board = reports.scoreboard(then, p)
    assert board is not None and "September 2025" not in board.text()


def test_the_share_that_came_true(ledger: Ledger, p: Any) -> None:
    both = (reports.counts(ledger, p), reports.other_counts(ledger))
    said = reports.came_true(*both)
    assert said is not None
    # 12 plans with a partner and 12 others: 1 came about, 1 + 4 in part: 1/24 = 4%, 6/24 = 25%.
    assert (
        "Of all 24 plans told of here, 4% came about in full and 25% in full or in part"
        in said.text
    )
    assert "not a sample" in said.text
    assert reports.came_true(None, None) is None


def test_a_denial_is_told_from_an_answer_that_does_not_confirm(ledger: Ledger) -> None:
    d = answers.answers(ledger)
    assert d is not None
    assert sum(d[k].value for k in ("reversed", "held", "unknown")) == d["all"].value
    assert d["denied"].value == 2 and d["not_confirmed"].value == 3
    assert "event:seven-plants-answer" in d["reversed"].facts
    assert "event:foxconn-oppama-answer" in d["not_confirmed"].facts
    # What was not denied cannot be contradicted.
    held = {r[0].text: r[3].text for r in answers.answers_table(ledger).rows}  # type: ignore[union-attr]
    assert held["Nissan calls the list of seven plants speculation"].startswith("The report held")
    assert not any("Contradicted" in text for text in held.values())
    table = answers.answers_table(ledger)
    assert table is not None and table.title.text.startswith(
        "Answers to reports: two denied, three did not"
    )
    order = [e.event for e in ledger.events if e.entity == "foxconn_oppama"]
    assert order[:2] == ["foxconn-oppama-reported", "foxconn-oppama-answer"]


def test_scale_never_mixes_years(ledger: Ledger, p: Any) -> None:
    table = scale.scale_table(ledger, p)
    assert table is not None
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}
    # 3,733,602 + 3,144,470 + 944,708
    assert rows["Built in 2024"] == ["3,733,602", "3,144,470", "944,708", "7,822,780"]
    sold = rows["Sold in 2023, Honda and Nissan"]
    assert sold[2] == "–"  # not in the sum: 3,980,000 + 3,374,271
    assert sold[3] == "7,350,000"
    for row in table.rows:
        years = {ledger.facts[f].period_start.year for cell in row for f in cell.facts}
        assert years == {int(row[0].text.split(",")[0][-4:])}
    assert scale.scale_table(ledger, validate("alliances", {"partners": ["iat"]})) is None


# -- figures worked out by hand ----------------------------------------------------------------


def test_talks_and_ampere_by_hand(ledger: Ledger, p: Any) -> None:
    t, m, e = deals.talks(ledger, p), deals.ampere(ledger, p), deals.export_company(ledger, p)
    assert t is not None and t.ran is not None and t.ran.value == 52  # 23 December to 13 February
    assert m is not None and m.stood is not None and m.stood.value == 614  # 26.7.2023 to 31.3.2025
    assert e is not None and e.took is not None and e.took.value == 65  # 25 June to 29 August 2025
    assert (e.capital.value, e.share.value) == (1000, 60)


def test_the_aim_by_hand(ledger: Ledger, p: Any) -> None:
    s = scale.aim(ledger, p)
    assert s is not None and (s.revenue.value, s.profit.value) == (30000, 3000)
    assert s.margin.value == pytest.approx(0.1)
    assert scale.aim(Ledger.load("2024-06-30"), p) is None


def test_partners_own_moves_are_not_work_of_nissan(ledger: Ledger, p: Any) -> None:
    split = a.work_and_sales(ledger, p)
    assert split is not None and split.others is not None
    # Chennai is sold; the Renault shareholdings and Rosslyn are agreed only.
    assert (split.sales.value, split.sold.value) == (3, 1)
    assert "engine company" not in split.names.text and "Foxtron" not in split.names.text


def test_an_end_that_nobody_confirmed_is_not_counted_as_one(ledger: Ledger, p: Any) -> None:
    c = reports.counts(ledger, p)
    assert c is not None and c["unconfirmed"].value == 1
    _, standfirst = a.finding(ledger, p)
    assert "nobody confirmed" in standfirst.text and "Foxconn" in standfirst.text


def test_partner_plans_that_came_about_led_to_an_agreement(ledger: Ledger, p: Any) -> None:
    came = [r for r in partner_reports(ledger, p) if r.result == "came"]
    assert came and {r.event.outcome_status for r in came} <= {"agreed", "completed"}


def test_the_margin_is_computed_where_none_is_printed(ledger: Ledger, p: Any) -> None:
    m = scale.margins(ledger)
    assert m is not None
    nissan = dict(zip(m.years, m.nissan, strict=True))
    assert nissan["FY2023"].value == pytest.approx(0.045)
    assert nissan["FY2025"].value == pytest.approx(58.0 / 12007.9, abs=6e-4)
    assert m.best[:2] == ("Honda", "FY2023") and m.best[2].value == pytest.approx(0.068)


def test_renault_by_hand(ledger: Ledger, p: Any) -> None:
    h = holdings.renault_holding(ledger, p)
    assert h is not None and h.done is not None
    assert (h.before.value, h.latest.value) == (43.4, 35.71)
    assert h.fall.value == pytest.approx(7.69)
    assert h.done.value == pytest.approx(7.69 / 28.4)
    assert h.floor is not None and h.floor.value == 10


def test_vehicles_are_of_one_year(ledger: Ledger, p: Any) -> None:
    v = scale.vehicles(ledger, p)
    if v is None:
        pytest.skip("Honda's sales are not in the data")
    assert {ledger.facts[f].period_start.year for f in v.both.facts} == {int(v.year)}


# -- every vintage and choice -------------------------------------------------------------------

CHOICES: list[dict[str, Any]] = [
    {"as_of": "2010-01-01"},
    {"as_of": "2019-01-01"},
    {"as_of": "2022-06-30"},
    {"as_of": "2023-12-31"},
    {"as_of": "2024-03-31"},
    {"as_of": "2025-01-31"},
    {"as_of": "2025-07-10"},
    {},
    {"partners": []},
    {"partners": ["honda"]},
    {"partners": ["iat"]},
    {"partners": ["mercedes", "wayve"]},
    {"partners": ["foxconn"], "as_of": "2025-07-06"},
    {"partners": ["renault"], "as_of": "2023-07-31"},
]


@pytest.mark.parametrize("raw", CHOICES, ids=str)
def test_every_function_answers_for_every_choice(raw: dict[str, Any]) -> None:
    p = validate("alliances", raw)
    known = Ledger.load(None if p.as_of == "latest" else p.as_of)
    title, standfirst = a.finding(known, p)
    assert title.text and standfirst.text
    assert len(a.keys(known, p)) <= 6
    for make in (
        story.moves_table,
        reports.scoreboard,
        holdings.holdings_table,
        story.source_quality,
    ):
        table = make(known, p)
        assert table is None or table.text()
    for draw in (charts.timeline, scale.margin_chart, holdings.holdings_chart):
        chart = draw(known, p)
        if chart is not None:
            assert chart.figure().axes
            assert re.search(r"\d", chart.alt)
    for e in known.events:
        assert known.sources[e.source].published <= known.as_of
    for said in (
        *story.open_questions(known, p),
        *a.weak_points(known, p),
        *story.story(known, p, "honda"),
    ):
        assert "  " not in said.text and said.text[0].isalnum()


@pytest.mark.parametrize("raw", CHOICES, ids=str)
def test_the_notebook_speaks_for_every_choice(
    raw: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run its cells in this process: quicker than a kernel, and the same words."""
    shown, scope = outputs("alliances", raw, monkeypatch)
    prose = "\n".join(data["text/plain"] for data, _ in shown)
    assert not re.search(r"\bNone\b(?! of)|\bnan\b|\{|zero\b", prose), prose
    if scope["ledger"].as_of < dt.date(2025, 2, 13):
        assert "13 February 2025" not in prose
    if scope["ledger"].as_of < dt.date(2025, 3, 31):
        assert "released" not in prose


def test_the_earliest_report_says_what_is_missing() -> None:
    p = validate("alliances", {"as_of": "2019-01-01"})
    title, standfirst = a.finding(Ledger.load("2019-01-01"), p)
    assert title.text.startswith("Nothing is known yet")
    assert "1 January 2019" in standfirst.text


def test_what_became_of_a_plan_is_cited_with_its_own_source(ledger: Ledger) -> None:
    told = provenance.source_of(ledger, "event:foxconn-oppama-reported")
    became = provenance.source_of(ledger, "outcome:foxconn-oppama-reported")
    assert told != became and "storm" in became


def test_the_opening_says_of_the_other_reports_only_what_became_of_some() -> None:
    """It said that the rest "ended, stayed open or left no trace" while none had ended."""
    for day, rest in (
        (None, "the rest stayed open, left no trace or ended by a report that nobody confirmed."),
        ("2024-06-30", "the rest stayed open."),
    ):
        ledger = Ledger.load(day)
        counts = reports.counts(ledger, validate("alliances", {}))
        assert counts is not None and counts["ended"].value == 0
        assert rest in a.finding(ledger, validate("alliances", {}))[1].text
    assert (
        "one sells something or loosens a tie"
        in a.finding(Ledger.load("2024-06-30"), validate("alliances", {}))[1].text
    )
