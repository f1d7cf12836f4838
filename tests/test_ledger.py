"""The ledger: vintages, derived figures, breaks, disagreements, and faults in the data."""

from __future__ import annotations

import datetime as dt

import pytest

from nissan_analysis.formula import evaluate
from nissan_analysis.ledger import Ledger, NotKnown
from nissan_analysis.periods import parse_period
from nissan_analysis.points import basis_at
from nissan_analysis.rows import DataError
from small_data import write

JAN_NOV = {"period_end": "2023-11-30", "value": "900"}


def test_a_month_follows_from_cumulative_totals(tmp_path):
    ledger = Ledger.load(data=write(tmp_path, facts=[{}, JAN_NOV]))
    december = ledger.quantity("sales", "cars", "2023-12")
    assert (december.value, december.low, december.high) == (100, 100, 100)
    assert december.facts == ("f0", "f1")
    assert "2023 - January–November 2023" in december.formula


def test_a_rounded_total_is_not_taken_apart(tmp_path):
    ledger = Ledger.load(data=write(tmp_path, facts=[{"decimals": "-2"}, JAN_NOV]))
    assert ledger.find("sales", "cars", "2023-12") is None


def test_a_prior_month_follows_from_printed_growth(tmp_path):
    # 8,807 in February 2023, "+270.04%": only 2,380 a year before rounds to that.
    month = {"period_start": "2023-02-01", "period_end": "2023-02-28"}
    facts = [
        month | {"value": "8807"},
        month | {"metric": "sales_yoy", "unit": "percent", "value": "270.04", "decimals": "2"},
    ]
    ledger = Ledger.load(data=write(tmp_path, facts=facts))
    before = ledger.quantity("sales", "cars", "2022-02")
    assert before.value == 2380
    assert before.arithmetic.startswith("round(f0 / (") and before.arithmetic.endswith(", 0)")
    assert evaluate(before.arithmetic, [8807, 270.04]) == 2380


def test_growth_printed_too_coarsely_gives_no_month(tmp_path):
    month = {"period_start": "2023-02-01", "period_end": "2023-02-28"}
    facts = [
        month | {"value": "8807"},
        month | {"metric": "sales_yoy", "unit": "percent", "value": "270", "decimals": "0"},
    ]
    ledger = Ledger.load(data=write(tmp_path, facts=facts))
    assert ledger.find("sales", "cars", "2022-02") is None


def test_a_part_follows_from_the_whole(tmp_path):
    entities = [
        {},
        {"entity": "all", "label": "All"},
        {"entity": "kei", "label": "Kei", "equals": "all - cars"},
    ]
    facts = [{}, {"entity": "all", "value": "1500"}]
    ledger = Ledger.load(data=write(tmp_path, entities=entities, facts=facts))
    assert ledger.quantity("sales", "kei", "2023").value == 500


def test_a_vintage_does_not_see_the_future(tmp_path):
    sources = [{}, {"source": "later", "published": "2024-06-30"}]
    facts = [
        {"value": "990", "source": "maker"},
        {"value": "1000", "source": "later", "rank": "preferred", "rank_reason": "final"},
    ]
    data = write(tmp_path, sources=sources, facts=facts)
    assert Ledger.load("2024-03-31", data).quantity("sales", "cars", "2023").value == 990
    assert Ledger.load("latest", data).quantity("sales", "cars", "2023").value == 1000
    with pytest.raises(NotKnown, match="Sales of Cars for 2023.*30 January 2024"):
        Ledger.load("2024-01-30", data).quantity("sales", "cars", "2023")


def test_a_break_is_marked_and_the_straddling_year_named(tmp_path):
    bases = [
        {
            "basis": "with_vans",
            "label": "With vans",
            "chain": "cars",
            "valid_to": "2022-09-30",
            "definition": "Vans in",
        },
        {"basis": "mixed", "label": "Mixed", "chain": "cars", "definition": "Vans to September"},
        {
            "basis": "no_vans",
            "label": "No vans",
            "chain": "cars",
            "valid_from": "2022-10-01",
            "definition": "Vans out",
        },
    ]
    facts = [
        {"period_start": f"{year}-01-01", "period_end": f"{year}-12-31", "basis": basis}
        for year, basis in [(2021, "with_vans"), (2022, "mixed"), (2023, "no_vans")]
    ]
    series = Ledger.load(data=write(tmp_path, bases=bases, facts=facts)).series("sales", "cars")
    assert [p.label for p in series] == ["2021", "2022", "2023"]
    assert [b.after for b in series.breaks] == ["mixed", "no_vans"]
    assert not series.comparable(*[series.points[i].period for i in (0, 2)])


def test_deprecated_figures_never_enter(tmp_path):
    wrong = {"value": "2000", "rank": "deprecated", "rank_reason": "a misprint"}
    right = {"rank": "preferred", "rank_reason": "the months add up to it"}
    ledger = Ledger.load(data=write(tmp_path, facts=[wrong, right]))
    assert ledger.quantity("sales", "cars", "2023").value == 1000
    (conflict,) = ledger.disagreements()
    assert conflict.settled and conflict.ruling == "the months add up to it"


def test_roundings_of_one_number_do_not_disagree(tmp_path):
    facts = [{"value": "694895"}, {"value": "694900", "decimals": "-2"}]
    assert Ledger.load(data=write(tmp_path, facts=facts)).disagreements() == []


def test_an_open_conflict_widens_the_bounds_to_both_sides(tmp_path):
    open_ = {"rank_reason": "open: two counts"}
    ledger = Ledger.load(
        data=write(tmp_path, facts=[{} | open_, {"value": "1100"} | open_, JAN_NOV])
    )
    year = ledger.quantity("sales", "cars", "2023")
    assert (year.low, year.high) == (1000, 1100)
    december = ledger.quantity("sales", "cars", "2023-12")
    assert (december.low, december.high) == (100, 200)
    assert not ledger.disagreements()[0].settled


def test_targets_are_not_mistaken_for_what_happened(tmp_path):
    ledger = Ledger.load(data=write(tmp_path, facts=[{"status": "target", "value": "5000"}]))
    assert ledger.find("sales", "cars", "2023") is None
    assert ledger.find("sales", "cars", "2023", status=("target",)).value == 5000


def test_words_of_a_row_that_is_at_fault_are_checked_in_the_same_run(tmp_path):
    row = {
        "value": "29,500",
        "status": "offical",
        "entity": "carz",
        "metric": "salse",
        "source": "makr",
    }
    with pytest.raises(DataError) as caught:
        Ledger.load(data=write(tmp_path, facts=[row]))
    text = "\n".join(caught.value.faults)
    assert len(caught.value.faults) == 5
    for word in ("official", "cars", "sales", "maker"):
        assert f"did you mean '{word}'?" in text


def test_the_latest_source_dates_an_undated_ledger(tmp_path):
    assert Ledger.load(data=write(tmp_path)).as_of == dt.date(2024, 1, 31)


def test_of_two_that_say_the_same_the_better_source_is_cited(tmp_path):
    sources = [{"quality": "amber"}, {"source": "better", "quality": "green"}]
    facts = [{"fact": "a-first-by-name"}, {"fact": "b", "source": "better"}]
    ledger = Ledger.load(data=write(tmp_path, facts=facts, sources=sources))
    assert ledger.quantity("sales", "cars", "2023").facts == ("b",)
    facts[1]["value"] = "1001"  # a rival: nothing but its name decides until somebody rules
    ledger = Ledger.load(data=write(tmp_path, facts=facts, sources=sources))
    assert ledger.quantity("sales", "cars", "2023").value == 1000


SECOND = {"source": "press", "publisher": "The Press", "published": "2024-06-30"}


def test_the_figure_to_believe_comes_first(tmp_path):
    """Of figures that do not contradict each other: the exact one, the finer one, the company's own."""
    facts = [
        {"fact": "estimate", "status": "estimate"},
        {"fact": "about", "decimals": "-2", "qualifier": "about"},
        {"fact": "coarse", "decimals": "-2"},
        {"fact": "compared", "locator": "comparison figure"},
        {"fact": "z-company", "source": "press"},
        {"fact": "a-press", "status": "reported"},
        {"fact": "b-press", "status": "reported", "source": "press"},
    ]
    ledger = Ledger.load(data=write(tmp_path, sources=[{}, SECOND], facts=facts))
    assert [row.fact for row in ledger.rows("sales", "cars")] == [
        "z-company", "compared", "a-press", "b-press", "coarse", "about", "estimate",
    ]  # fmt: skip
    assert ledger.quantity("sales", "cars", "2023").facts == ("z-company",)


def test_a_preferred_figure_comes_before_a_finer_one(tmp_path):
    chosen = {"fact": "chosen", "value": "2000", "decimals": "-3", "rank": "preferred", "rank_reason": "why"}  # fmt: skip
    ledger = Ledger.load(data=write(tmp_path, facts=[{"fact": "fine"}, chosen]))
    assert [row.fact for row in ledger.rows("sales", "cars")] == ["chosen", "fine"]


def test_rows_are_asked_for_by_basis_and_status(tmp_path):
    bases = [
        {"basis": "chained", "label": "Chained", "chain": "cars", "definition": "x"},
        {"basis": "apart", "label": "Apart", "chain": "", "definition": "y"},
    ]
    facts = [
        {"fact": "plain"},
        {"fact": "chained", "basis": "chained"},
        {"fact": "apart", "basis": "apart"},
        {"fact": "aim", "status": "target"},
    ]
    ledger = Ledger.load(data=write(tmp_path, bases=bases, facts=facts))

    def found(**asked):
        return {row.fact for row in ledger.rows("sales", "cars", **asked)}

    assert found() == {"plain", "chained"}
    assert found(basis="*") == {"plain", "chained", "apart"}
    assert found(basis="apart") == {"apart"}
    assert found(basis="apart", status=("target",)) == set()
    assert found(status=("target",)) == {"aim"}
    with pytest.raises(NotKnown, match="no metric 'salse' in metrics.csv"):
        ledger.rows("salse", "cars")
    with pytest.raises(NotKnown, match="no entity 'carz' in entities.csv"):
        ledger.rows("sales", "carz")
    with pytest.raises(NotKnown, match=r"Sales of Cars for 2020 on the basis 'apart' is not known as of 31 January 2024\.$"):  # fmt: skip
        ledger.quantity("sales", "cars", "2020", basis="apart")
    with pytest.raises(NotKnown, match="no fact 'nothing' as of 31 January 2024"):
        ledger.fact("nothing")
    with pytest.raises(NotKnown, match="assumptions.csv has no key 'nothing'"):
        ledger.assumption("nothing")


def test_a_quantity_says_what_it_is_and_who_says_so(tmp_path):
    ledger = Ledger.load(data=write(tmp_path, facts=[{"qualifier": "about", "decimals": "-1"}]))
    sold = ledger.quantity("sales", "cars", "2023")
    assert (sold.low, sold.high, sold.qualifier, sold.status) == (990, 1010, "about", "official")
    assert (sold.label, sold.how) == ("The Maker, 31 January 2024", "")
    assert sold.names == {"f0": "Sales, Cars, 2023"}
    assert ledger.fact("f0") is ledger.fact("f0"), "one fact is one variable"
    assert (sold - ledger.fact("f0")).low == 0
    rate = ledger.assumption("break_even")
    assert (rate.value, rate.unit, rate.facts) == (80, "percent", ("assumption:break_even",))
    assert (rate.status, rate.label, rate.how) == ("assumption", "our assumption", "")
    assert rate.names == {"assumption:break_even": "Break-even"}


def test_an_open_conflict_says_that_sources_disagree(tmp_path):
    open_ = {"rank_reason": "open: two counts"}
    misprint = {"value": "5000", "rank": "deprecated", "rank_reason": "a misprint"}
    facts = [misprint, open_, {"value": "1100"} | open_]
    ledger = Ledger.load(data=write(tmp_path, facts=facts))
    year = ledger.quantity("sales", "cars", "2023")
    assert year.label == "The Maker, 31 January 2024; sources disagree"
    assert (year.value, year.low, year.high) == (1000, 1000, 1100)
    assert year.how == ""
    (conflict,) = ledger.disagreements()
    assert [f.fact for f in conflict.facts] == ["f1", "f2", "f0"], "the misprint comes last"


def test_what_was_denied_or_cancelled_is_found_when_asked_for(tmp_path):
    facts = [
        {"fact": "off", "status": "cancelled"},
        {"fact": "no", "status": "denied", "source": "press"},
        {"fact": "aim", "status": "target", "source": "third"},
    ]
    sources = [{}, SECOND, SECOND | {"source": "third"}]
    ledger = Ledger.load(data=write(tmp_path, sources=sources, facts=facts))
    asked = ledger.rows("sales", "cars", status=("denied", "target", "cancelled"))
    assert [row.fact for row in asked] == ["aim", "no", "off"]


def test_a_derived_figure_has_the_basis_of_its_period(tmp_path):
    bases = [
        {"basis": "old", "label": "Old", "chain": "c", "valid_to": "2022-09-30", "definition": "x"},
        {"basis": "mixed", "label": "Mixed", "chain": "c", "definition": "y"},
        {"basis": "new", "label": "New", "chain": "c", "valid_from": "2022-10-01", "definition": "z"},
        {"basis": "other", "label": "Other", "chain": "d", "valid_from": "2020-01-01", "definition": "w"},
    ]  # fmt: skip
    facts = [
        {"basis": "new"},
        JAN_NOV | {"basis": "new"},
        {"basis": "old", "period_start": "2022-01-01", "period_end": "2022-03-31"},
        {"basis": "old", "period_start": "2022-01-01", "period_end": "2022-02-28", "value": "600"},
    ]
    ledger = Ledger.load(data=write(tmp_path, bases=bases, facts=facts))

    def basis(month):
        point = ledger.series("sales", "cars", "ME").at(month)
        return point.basis, point.stated

    assert basis("2023-12") == ("new", False)
    assert basis("2022-03") == ("old", False)
    rows = ledger.rows("sales", "cars")
    for period, name in [
        ("2022-09", "old"), ("2022-10", "new"), ("2022", "mixed"), ("2022-09/2022-10", "mixed")
    ]:  # fmt: skip
        assert basis_at(ledger.bases, rows, parse_period(period)) == name
    assert basis_at(ledger.bases, [], parse_period("2022")) == ""


def test_the_latest_figure_is_that_of_the_latest_period(tmp_path):
    facts = [
        {"fact": "year"},
        {"fact": "december", "period_start": "2023-12-01", "value": "90"},
        {"fact": "before", "period_start": "2022-01-01", "period_end": "2022-12-31"},
    ]
    ledger = Ledger.load(data=write(tmp_path, facts=facts))
    found = ledger.latest("sales", "cars")
    assert found is not None and (found.label, found.stated) == ("December 2023", True)
    assert ledger.latest("capacity", "cars") is None
    assert ledger.find("sales", "cars", "2021") is None
    assert ledger.find("sales", "cars", "2023-12", derive=False).value == 90


def test_a_series_is_cut_to_the_days_asked_for(tmp_path):
    facts = [
        {"period_start": f"{y}-01-01", "period_end": f"{y}-12-31", "value": str(y)}
        for y in (2020, 2021, 2022, 2023)
    ]
    ledger = Ledger.load(data=write(tmp_path, facts=facts))

    def years(**asked):
        return [p.label for p in ledger.series("sales", "cars", **asked)]

    assert years() == ["2020", "2021", "2022", "2023"]
    assert years(start="2021") == ["2021", "2022", "2023"]
    assert years(start="2021-01-02") == ["2022", "2023"]
    assert years(start=dt.date(2021, 1, 1), end="2022-12-31") == ["2021", "2022"]
    assert years(end=dt.date(2022, 12, 30)) == ["2020", "2021"]
    series = ledger.series("sales", "cars", end="2022-12-31")
    assert (len(series), series.facts) == (3, ("f0", "f1", "f2"))
    assert series.at("2021").quantity.value == 2021 and series.at("2023") is None
    first = series.points[0]
    assert (first.label, first.basis, first.stated) == ("2020", "", True)
    assert (first.quantity.low, first.quantity.value, first.quantity.high) == (2020, 2020, 2020)


def test_a_stock_is_known_at_its_days_and_never_derived(tmp_path):
    stock = {"metric": "capacity", "unit": "vehicles_per_year"}
    facts = [
        stock | {"period_start": day, "period_end": day, "value": value}
        for day, value in [("2022-03-31", "500"), ("2023-03-31", "400")]
    ]
    ledger = Ledger.load(data=write(tmp_path, facts=facts))
    assert [p.label for p in ledger.series("capacity", "cars")] == [
        "31 March 2022",
        "31 March 2023",
    ]
    assert [p.label for p in ledger.series("capacity", "cars", start="2022-04")] == [
        "31 March 2023"
    ]


def test_the_year_of_a_launch_begins_with_the_first_sale(tmp_path):
    launched = {"launched": "2022-06-01"}
    facts = [{"period_start": "2022-06-01", "period_end": "2022-12-31", "value": "700"}]
    ledger = Ledger.load(data=write(tmp_path, entities=[launched], facts=facts))
    assert ledger.quantity("sales", "cars", "2022").value == 700
    assert ledger.quantity("sales", "cars", "2022-06/2022-12").value == 700
    assert ledger.find("sales", "cars", "2021") is None
    day, month = dt.date(2022, 6, 1), (dt.date(2022, 5, 1), dt.date(2022, 6, 1))
    assert ledger.clamp("cars", month) == (day, day)
    assert ledger.clamp("cars", (day, dt.date(2022, 12, 31)))[0] == day
    past = (dt.date(2022, 1, 1), dt.date(2022, 5, 31))
    assert ledger.clamp("cars", past) == past


def test_a_break_begins_where_the_new_definition_does(tmp_path):
    bases = [
        {"basis": "old", "label": "Old", "chain": "c", "valid_to": "2021-03-31", "definition": "Old way"},
        {"basis": "new", "label": "New", "chain": "c", "valid_from": "2021-04-01", "definition": "New way"},
    ]  # fmt: skip
    facts = [
        {"period_start": f"{y}-01-01", "period_end": f"{y}-12-31", "basis": basis}
        for y, basis in [(2020, "old"), (2021, "new"), (2022, "new"), (2023, "")]
    ]
    series = Ledger.load(data=write(tmp_path, bases=bases, facts=facts)).series("sales", "cars")
    only, last = series.breaks
    assert (last.date, last.before, last.after) == (dt.date(2023, 1, 1), "new", "")
    assert last.reason == ""
    assert (only.date, only.before, only.after) == (dt.date(2021, 1, 1), "old", "new")
    assert only.reason == "New way"
    first, second, third, _ = (p.period for p in series)
    assert series.comparable(second, third) and not series.comparable(first, second)


EVENT = {
    "event": "talks", "date": "2024-01-10", "date_precision": "day", "title": "Talks begin",
    "category": "alliance", "entity": "cars", "counterpart": "", "status": "reported", "source": "maker",
}  # fmt: skip
PLANT = {
    "plant": "works", "label": "The Works", "company": "The Maker", "city": "A", "country": "B",
    "region": "japan", "opened": "1961", "status": "closed", "fate": "Closed", "end_date": "2024-03-31",
    "end_precision": "day", "one_of_seven": "yes", "sources": "maker press",
}  # fmt: skip


def test_an_outcome_is_told_once_its_source_was_out(tmp_path):
    over = {
        "outcome": "Nothing came of it",
        "outcome_status": "lapsed",
        "outcome_date": "2024-06-01",
    }
    events = [
        EVENT | over | {"outcome_source": "press"},
        EVENT | {"event": "denial", "status": "denied", "outcome_status": "open"},
        EVENT | {"event": "later", "source": "press", "date": "2024-06-30"},
        EVENT | {"event": "earlier", "date": "2023-12-01", "counterpart": "other; rival", "category": "jobs"},
    ]  # fmt: skip
    data = write(tmp_path, sources=[{}, SECOND], events=events)
    now, then = Ledger.load(data=data), Ledger.load("2024-06-29", data)
    assert (now.current, then.current, then.newest) == (True, False, dt.date(2024, 1, 31))
    assert now.newest == Ledger.load("2024-06-30", data).newest == dt.date(2024, 6, 30)
    assert now.event("talks").outcome == "Nothing came of it"
    before = then.event("talks")
    assert (before.outcome, before.outcome_status) == ("", "open")
    assert (before.outcome_date, before.outcome_source) == (None, "")
    assert then.event("denial").outcome_status == "open"
    assert then.event("later") is None and not then.seen("press") and now.seen("press")
    # In order of date, an answer after the report it answers.
    assert [e.event for e in now.events] == ["earlier", "talks", "denial", "later"]

    def about(entity):
        return [e.event for e in now.events_about(entity)]

    assert about("cars") == ["earlier", "talks", "denial", "later"]
    assert about("rival") == about("other") == ["earlier"] and about("nobody") == []


def test_the_fate_of_a_plant_is_told_once_all_its_sources_were_out(tmp_path):
    entities = [{}, {"entity": "works", "label": "The Works"}]
    facts = [{}, {"source": "press", "entity": "works"}]
    data = write(tmp_path, sources=[{}, SECOND], entities=entities, plants=[PLANT], facts=facts)
    assert Ledger.load(data=data).plants["works"].fate == "Closed"
    plant = Ledger.load("2024-06-29", data).plants["works"]
    assert (plant.fate, plant.status, plant.sources) == ("", "not known at this date", "maker")
    assert (plant.end_date, plant.end_precision, plant.one_of_seven) == (None, "", "unclear")


def test_disagreements_and_facts_are_asked_for_by_entity_and_metric(tmp_path):
    entities = [{}, {"entity": "vans", "label": "Vans"}]
    of = {"entity": "vans"}
    stock = {"metric": "capacity", "unit": "vehicles_per_year", "period_start": "2023-12-31"}
    open_ = {"rank_reason": "open: nobody says"}
    facts = [{}, of | open_, of | {"value": "2000"} | open_, stock, of | stock]
    ledger = Ledger.load(data=write(tmp_path, entities=entities, facts=facts))
    assert len(ledger.disagreements()) == len(ledger.disagreements(["vans"], ["sales"])) == 1
    assert ledger.disagreements(["cars"]) == ledger.disagreements(metrics=["capacity"]) == []
    found = ledger.disagreements()[0]
    assert (found.entity, found.metric, found.basis) == ("vans", "sales", "")
    assert (found.ruling, found.settled) == ("open: nobody says", False)
    assert [f.fact for f in found.facts] == ["f1", "f2"]

    def facts_of(*asked, **more):
        return [f.fact for f in ledger.facts_of(*asked, **more)]

    assert facts_of() == ["f0", "f1", "f2", "f3", "f4"]
    assert facts_of(["cars"]) == ["f0", "f3"] and facts_of(metrics=["capacity"]) == ["f3", "f4"]
    assert facts_of(["vans"], ["capacity"]) == ["f4"]


def test_three_figures_of_which_two_agree_are_one_conflict(tmp_path):
    open_ = {"rank_reason": "open: nobody says"}
    facts = [open_, {"value": "1000", "decimals": "-1"} | open_, {"value": "1020"} | open_]
    ledger = Ledger.load(data=write(tmp_path, facts=facts))
    (found,) = ledger.disagreements()
    assert len(found.facts) == 3
    year = ledger.quantity("sales", "cars", "2023")
    assert (year.low, year.high) == (995, 1020)
