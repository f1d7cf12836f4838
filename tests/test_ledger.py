"""The ledger: vintages, derived figures, breaks, disagreements, and faults in the data."""

from __future__ import annotations

import datetime as dt

import pytest

from nissan_analysis.ledger import Ledger, NotKnown
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
    assert ledger.quantity("sales", "cars", "2022-02").value == 2380


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
