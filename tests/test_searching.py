"""Asking the ledger: what is found, and as what it is told."""

from __future__ import annotations

import csv
import io
import json

import pytest

from nissan_analysis import cli
from nissan_analysis.ledger import Ledger
from nissan_analysis.searching import as_csv, find
from small_data import write


def test_one_string_of_words_finds_the_share_and_what_it_rests_on(capsys):
    assert cli.run(["facts", "sakura share 2023", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    first = found[0]
    assert (first["rank"], first["printed"], first["period"]) == ("computed", "41.9%", "2023")
    assert "sakura-sales-2023-jiji-press" in first["fact"]
    assert any(f["rank"] == "normal" and f["value"] == 42 and f["low"] == 41.5 for f in found)
    assert all(f["source"] and f["published"] <= "2026-12-31" for f in found)


def test_what_is_named_comes_before_what_is_only_mentioned():
    found = find(Ledger.load(), ["kyushu production fy2024"])
    assert {f.what for f in found[:2]} == {"Production, Kyushu"}


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_a_spreadsheet_runs_nothing(tmp_path, start):
    sources = [{"publisher": f"{start} The Maker"}]
    ledger = Ledger.load(data=write(tmp_path, sources=sources))
    text = as_csv(find(ledger, ["sales"]))
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["source"].startswith("'")
    assert row["value"] == "1000.0", "a number stays a number"


def test_nothing_found_is_exit_code_1(capsys):
    assert cli.run(["facts", "no such thing"]) == 1
    assert cli.run(["facts", "no such thing", "--csv"]) == 1
