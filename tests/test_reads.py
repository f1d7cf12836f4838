"""What a report is noted to have read, against what its output rests on: real notebooks, changed data."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from nissan_analysis import charts, telling
from nissan_analysis.ledger import Ledger
from nissan_analysis.parameters import as_json, validate
from nissan_analysis.places import data_folder, notebook
from nissan_analysis.rows import read_tables

TABLES = read_tables(data_folder())
SOURCES = [s.source for s in TABLES["sources"]]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the cells of a notebook on tables in memory: what it shows (charts as their data), and its ledger."""

    def run(report: str, tables: dict[str, list[Any]], **raw: Any) -> tuple[list[str], Ledger]:
        told: list[str] = []
        made: list[Ledger] = []

        def load(as_of: Any = None, data: Any = None) -> Ledger:
            day = None if as_of == "latest" else as_of
            made.append(Ledger(tables, "all of the data", day))
            return made[-1]

        def display(data: Any, metadata: Any, raw: bool) -> None:
            told.append(repr((data, metadata)))

        monkeypatch.setattr(Ledger, "load", load)
        monkeypatch.setattr(telling, "display", display)
        monkeypatch.setattr(charts.Chart, "render", lambda chart: ({"image/png": ""}, chart.alt))
        scope: dict[str, Any] = {}
        given = as_json(validate(report, raw))
        for cell in json.loads(notebook(report).read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                try:
                    exec("".join(cell["source"]), scope)
                except Exception as error:
                    told.append(repr(error))
                    break
                if "parameters" in cell["metadata"].get("tags", []):
                    scope |= given
        return told, made[0]

    return run


def changed(tables: dict[str, list[Any]], choose: random.Random) -> tuple[str, dict[str, Any]]:
    """The tables with one row changed, dropped or added, and a word on which."""
    table = choose.choice(
        ["facts"] * 12 + ["events", "plants", "assumptions", "sources", "metrics"]
    )
    rows = list(tables[table])
    number = choose.randrange(len(rows))
    row = rows[number]
    fields: dict[str, list[dict[str, Any]]] = {
        "facts": [
            {"value": row.value * 1.5 if table == "facts" else 0},
            {"value": -1.0},
            {"status": "denied"},
            {"rank": "deprecated"},
            {"rank": "preferred"},
            {"source": choose.choice(SOURCES)},
            {"note": "changed"},
            {"metric": choose.choice(tables["metrics"]).metric},
        ],
        "events": [{"title": "Changed"}, {"status": "denied"}, {"source": choose.choice(SOURCES)}],
        "plants": [{"label": "Changed"}, {"fate": ""}, {"one_of_seven": "unclear"}],
        "assumptions": [{"value": 7.0}, {"statement": "Changed"}],
        "sources": [{"publisher": "Changed"}, {"quality": "red"}, {"title": "Changed"}],
        "metrics": [{"label": "Changed"}],
    }
    change = choose.choice(fields[table])
    key = next(iter(type(row).model_fields))
    name = getattr(row, key)
    if table == "facts" and choose.random() < 0.2:
        del rows[number]
        return f"{table} {name} dropped", tables | {table: rows}
    if table == "facts" and choose.random() < 0.2:
        rows.append(row.model_copy(update={key: f"{name}-new", "value": row.value + 1}))
        return f"{table} {name} again", tables | {table: rows}
    rows[number] = row.model_copy(update=change)
    return f"{table} {name} {change}", tables | {table: rows}


@pytest.mark.parametrize(
    ("report", "raw", "changes"),
    [
        ("china_sales", {}, 16),
        ("sakura_share", {"as_of": "2024-03-31"}, 8),
        ("restructuring", {}, 8),
        ("alliances", {"partners": "honda"}, 8),
        ("plant", {"plant": "wuhan"}, 24),
    ],
)
def test_a_change_that_shows_changes_the_digest(
    shown: Any, report: str, raw: dict[str, Any], changes: int
) -> None:
    before, ledger = shown(report, TABLES, **raw)
    notes = ledger.reads.notes()
    digest = ledger.digest(notes)
    choose = random.Random(report)
    untouched = 0
    for _ in range(changes):
        what, tables = changed(TABLES, choose)
        after, new = shown(report, tables, **raw)
        if new.digest(notes) == digest:
            assert after == before, f"{what} shows, and went unnoticed"
            untouched += 1
    assert 0 < untouched < changes, "nothing was tested"
