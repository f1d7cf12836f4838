"""What `check` finds beside sums and growth: choices, dates, words, and what is stale."""

from __future__ import annotations

import datetime as dt
import json

from nissan_analysis import staleness
from nissan_analysis.checks import run_checks
from nissan_analysis.ledger import Ledger
from nissan_analysis.places import REPORTS
from small_data import write

TODAY = dt.date(2024, 12, 31)


def faults(data) -> list[str]:
    return [str(c) for c in run_checks(Ledger.load(data=data), TODAY) if c.verdict == "fault"]


def test_a_choice_without_another_side_is_a_fault(tmp_path):
    chosen = {"rank": "preferred", "rank_reason": "the later count"}
    (fault,) = faults(write(tmp_path, facts=[chosen]))
    assert "a choice still has another side: f0" in fault
    assert "set its rank to normal" in fault


def test_an_open_mark_without_another_side_is_a_fault(tmp_path):
    (fault,) = faults(write(tmp_path, facts=[{"rank_reason": "open: two counts"}]))
    assert "another side" in fault


def test_a_ruling_whose_conflict_is_gone_is_a_fault(tmp_path):
    aside = {"rank": "deprecated", "rank_reason": "a misprint", "source": "other"}
    sources = [{}, {"source": "other"}]
    found = faults(write(tmp_path, facts=[{}, aside], sources=sources))
    assert any("rulings still settle a conflict: f1" in fault for fault in found)


def test_what_lies_in_the_future_is_a_fault(tmp_path):
    data = write(tmp_path, sources=[{"published": "2025-02-01"}])
    (fault,) = faults(data)
    assert "published 2025-02-01" in fault
    assert "today 2024-12-31" in fault


def test_a_source_without_a_figure_is_a_fault(tmp_path):
    (fault,) = faults(write(tmp_path, sources=[{}, {"source": "idle"}]))
    assert "every source is used: idle" in fault


def test_printed_growth_that_does_not_recompute_is_a_fault(tmp_path):
    before = {"period_start": "2022-01-01", "period_end": "2022-12-31", "value": "2000"}
    growth = {"metric": "sales_yoy", "unit": "percent", "value": "-40", "decimals": "0"}
    (fault,) = faults(write(tmp_path, facts=[{}, before, growth]))
    assert "printed -40.00%, computed -50.00%" in fault


def test_stale_files_and_unused_facts_are_told(tmp_path):
    ledger = Ledger.load()
    fresh = {s.path.name for s in staleness.stale(ledger, tmp_path)}
    assert not any(name.endswith(".html") for name in fresh), "there are no reports there"
    (tmp_path / "alliances.facts.json").write_text(
        json.dumps({"foot": {"data": "another"}, "facts": {next(iter(ledger.facts)): {}}})
    )
    told = list(staleness.lines(ledger, tmp_path, listed=True))
    assert (
        "stale: alliances.html was made from other data: run nissan-analysis render alliances"
        in told
    )
    assert any(line.startswith("1 facts are used") for line in told)
    assert sum(line.startswith("unused: ") for line in told) == len(ledger.facts) - 1
    assert len(REPORTS) == 5
