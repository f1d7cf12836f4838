"""Derived figures equal those worked out beforehand, figure by figure.

`expected/` holds figures that follow from printed ones, worked out by hand and with their
formulas; the ledger computes the same from its facts.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path

import pytest

from nissan_analysis.ledger import Ledger
from nissan_analysis.quantity import share, total

EXPECTED = Path(__file__).parent / "expected"
LEDGER = Ledger.load()
ENTITIES = {
    "Nissan global": "nissan", "Nissan Japan": "nissan_japan", "Nissan US": "nissan_us",
    "Nissan outside Japan": "nissan_outside_japan", "Nissan Mexico": "nissan_mexico",
    "Nissan UK": "nissan_uk", "Nissan China": "nissan_china", "Nissan Others": "nissan_others",
    "Nissan Canada": "nissan_canada", "Nissan Europe": "nissan_europe",
    "Nissan North America": "nissan_north_america",
}  # fmt: skip


def rows(name: str) -> list[dict[str, str]]:
    with (EXPECTED / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def known(metric: str, entity: str, period) -> float | None:
    quantity = LEDGER.find(metric, entity, period)
    return None if quantity is None else quantity.value


@pytest.mark.parametrize("row", rows("china_monthly.csv"), ids=lambda r: r["month"])
def test_china_by_month(row):
    month = row["month"]
    if "+" in month or not re.fullmatch(r"\d{4}-\d{2}", month):
        start, end = re.findall(r"\d{4}-\d{2}", month)[:2]
        assert known("sales", "nissan_china", f"{start}/{end}") == float(row["units"])
        return
    assert known("sales", "nissan_china", month) == float(row["units"])


@pytest.mark.parametrize("row", rows("japan_monthly.csv"), ids=lambda r: r["month"])
def test_japan_by_month(row):
    wanted = {
        ("bev_sales", "japan_passenger"): row["bev_total"],
        ("bev_sales", "japan_registered_passenger"): row["registered_bev"],
        ("bev_sales", "japan_kei_passenger"): row["kei_bev_derived"],
        ("sales", "japan_passenger"): row["passenger_total"],
        ("sales", "sakura"): row["sakura"],
        ("sales", "leaf"): row["leaf"],
        ("sales", "bz4x"): row["bz4x"],
    }
    found = {key: known(*key, row["month"]) for key in wanted}
    assert found == {**found, **{k: float(v) for k, v in wanted.items() if v}}


@pytest.mark.parametrize("row", rows("production_derived.csv"), ids=lambda r: r["id"])
def test_production_and_sales(row):
    metric = row["topic"].split(" ")[0]
    entity = ENTITIES[row["entity"]]
    period = dt.date.fromisoformat(row["period_start"]), dt.date.fromisoformat(row["period_end"])
    if row["formula"].startswith("Jan + Mar 2025 together"):
        quarter, february = (known(metric, entity, p) for p in ("2025Q1", "2025-02"))
        assert quarter - february == float(row["value"])
    elif row["formula"].startswith("Sep + Nov 2024 together"):
        whole, *parts = (
            known(metric, entity, p) for p in ("2024-09/2024-12", "2024-10", "2024-12")
        )
        assert whole - sum(parts) == float(row["value"])
    else:
        basis = "monthly_release" if (metric, entity) == ("sales", "nissan") else None
        found = LEDGER.find(metric, entity, period, basis)
        assert found is not None
        if row["id"] in SUPERSEDED:
            assert found.value == float(row["value"]) - 68
        else:
            assert abs(found.value - float(row["value"])) <= (row["id"] in ONE_APART)


#: The official tables differ by one vehicle between two ways through them.
ONE_APART = {"D0183", "D0188", "D0209"}
#: Rests on a total that is 68 short of its months and was set aside (see data/facts/china.csv).
SUPERSEDED = {"D0217"}
SHARES = {
    "D027": "2022", "D028": "2023", "D029": "2024", "D030": "FY2022", "D031": "FY2023",
    "D032": "FY2024", "D033": "2025H1", "D034": "FY2025H1", "D035": "2022-06/2022-12",
}  # fmt: skip
SALES = {
    "D009": "2024-02", "D010": "2025-01", "D011": "2025-05", "D012": "2025-06", "D013": "2025-07",
    "D015": "2025-01/2025-09",
}  # fmt: skip
SAKURA = {row["id"]: float(row["value"]) for row in rows("sakura_derived.csv")}


@pytest.mark.parametrize(("key", "period"), SHARES.items())
def test_sakura_shares(key, period):
    part = LEDGER.quantity("sales", "sakura", period)
    whole = LEDGER.quantity("bev_sales", "japan_passenger", period)
    assert share(part, whole).value * 100 == pytest.approx(SAKURA[key], abs=0.006)


@pytest.mark.parametrize(("key", "period"), SALES.items())
def test_sakura_sales(key, period):
    assert known("sales", "sakura", period) == SAKURA[key]


def test_the_sakura_of_2025_spans_both_counts_of_its_last_quarter():
    year = LEDGER.quantity("sales", "sakura", "2025")
    assert (year.low, year.high) == (SAKURA["D016"], SAKURA["D019"])
    october = LEDGER.quantity("sales", "sakura", "2025-10")
    assert (october.low, october.high) == (SAKURA["D018"], SAKURA["D021"])


@pytest.mark.parametrize(
    ("key", "year"), [("D036", "2022"), ("D037", "2023"), ("D038", "2024"), ("D039", "2025")]
)
def test_kei_is_what_remains(key, year):
    assert known("bev_sales", "japan_kei_passenger", year) == SAKURA[key]


def test_months_that_cannot_be_split_stay_together():
    year = LEDGER.quantity("sales", "sakura", "2023")
    months = [LEDGER.find("sales", "sakura", f"2023-{m:02d}") for m in range(1, 13)]
    assert year.value - total([m for m in months if m]).value == SAKURA["D014"]
    assert [i + 1 for i, m in enumerate(months) if m is None] == [9, 10, 12]
