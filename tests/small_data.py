"""A small made-up `data/` folder for tests of the ledger."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from nissan_analysis.rows import MODELS, FactRow

FACT = {
    "fact": "", "entity": "cars", "metric": "sales", "period_start": "2023-01-01",
    "period_end": "2023-12-31", "value": "1000", "unit": "vehicles", "decimals": "0",
    "qualifier": "exact", "status": "official", "basis": "", "source": "maker",
    "locator": "", "rank": "normal", "rank_reason": "", "note": "",
}  # fmt: skip
SOURCE = {
    "source": "maker", "publisher": "The Maker", "title": "A release", "title_original": "",
    "url": "https://example.org/a", "published": "2024-01-31", "published_basis": "stated",
    "retells": "", "language": "en", "kind": "company", "quality": "green",
    "quality_reason": "primary", "note": "",
}  # fmt: skip
ENTITY = {
    "entity": "cars", "label": "Cars", "kind": "group", "region": "world", "launched": "",
    "equals": "", "definition": "All cars",
}  # fmt: skip
METRICS = [
    {"metric": "sales", "label": "Sales", "unit": "vehicles", "kind": "flow", "definition": "Sold"},
    {"metric": "sales_yoy", "label": "Growth", "unit": "percent", "kind": "ratio", "definition": "x"},
    {"metric": "capacity", "label": "Capacity", "unit": "vehicles_per_year", "kind": "stock",
     "definition": "x"},
]  # fmt: skip
ASSUMPTION = {
    "key": "break_even", "statement": "Break-even", "value": "80", "low": "70", "high": "90",
    "unit": "percent", "quality": "amber", "impact": "red", "used_in": "china_sales", "reason": "x",
}  # fmt: skip


def write(folder: Path, **tables: list[dict[str, Any]]) -> Path:
    """Write a whole data folder; each table is a list of rows that differ from the defaults."""
    defaults: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
        "sources": (SOURCE, [{}]),
        "entities": (ENTITY, [{}]),
        "metrics": (METRICS[0], METRICS),
        "assumptions": (ASSUMPTION, [{}]),
        "bases": ({}, []),
        "events": ({}, []),
        "plants": ({}, []),
    }
    (folder / "facts").mkdir(parents=True, exist_ok=True)
    for name, (base, rows) in defaults.items():
        model, _ = MODELS[f"{name}.csv"]
        _write(folder / f"{name}.csv", list(model.model_fields), base, tables.get(name, rows))
    facts = [{"fact": f"f{i}"} | row for i, row in enumerate(tables.get("facts", [{}]))]
    _write(folder / "facts" / "all.csv", list(FactRow.model_fields), FACT, facts)
    return folder


def _write(
    path: Path, columns: list[str], base: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow(dict.fromkeys(columns, "") | base | row)
