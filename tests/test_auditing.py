"""An audit finds what was changed after a report was made, in the page or in the data."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest

from nissan_analysis.auditing import AuditError, audit, audit_all, read_page
from nissan_analysis.places import data_folder

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "reports" / "alliances.html"


def changed(tmp_path: Path, old: str, new: str, count: int = 1) -> Path:
    """A copy of the report on the alliances with one thing in it changed."""
    text = REPORT.read_text(encoding="utf-8")
    assert re.search(old, text)
    path = tmp_path / "alliances.html"
    path.write_text(re.sub(old, new, text, count=count), encoding="utf-8")
    return path


def with_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, key: str, **new: str
) -> None:
    """Put a copy of the data in use in which the row `key` of `file` is changed."""
    folder = tmp_path / "data"
    shutil.copytree(data_folder(), folder)
    path = folder / file
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        rows, columns = list(reader), reader.fieldnames or []
    (row,) = [r for r in rows if r[columns[0]] == key]
    row.update(new)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    monkeypatch.setenv("NISSAN_ANALYSIS_DATA", str(folder))


def a_fact() -> tuple[str, str]:
    """A number of the report that is one fact of the finance or alliances files, and its file."""
    page = read_page(REPORT.read_text(encoding="utf-8"))
    for name in ("alliances", "finance"):
        with (data_folder() / "facts" / f"{name}.csv").open(encoding="utf-8") as stream:
            known = {r["fact"]: r for r in csv.DictReader(stream)}
        for number in page.numbers:
            if len(number.facts) == 1 and number.facts[0] in known:
                row = known[number.facts[0]]
                if float(number.value) == float(row["value"]) and row["decimals"] == "0":
                    return row["fact"], f"facts/{name}.csv"
    raise AssertionError("no number of the report is a fact as printed")


def test_an_untouched_report_holds():
    found = audit(REPORT)
    assert found.faults == []
    assert found.numbers == found.traced == found.recomputed > 100


def test_a_changed_digit_and_a_changed_alt_text_are_found(tmp_path):
    path = changed(tmp_path, r"(<data [^>]*>)EUR 600|(?<=>)52(?=</data>)", "53")
    text = path.read_text(encoding="utf-8")
    path.write_text(
        re.sub(r'(aria-label="[^"]*?)2025', r"\g<1>2024", text, count=1), encoding="utf-8"
    )
    faults = "\n".join(audit(path).faults)
    assert "'53': prints 53, which its bounds 52 to 52 do not hold" in faults
    assert "alt text" in faults


def test_a_digit_too_many_is_found(tmp_path):
    path = changed(tmp_path, r"(?<=>)52(?=</data>)", "52.3")
    assert any("'52.3': prints 52.3" in fault for fault in audit(path).faults)


def test_a_changed_value_of_a_fact_is_found(tmp_path, monkeypatch):
    fact, file = a_fact()
    with_data(tmp_path, monkeypatch, file, fact, value="7")
    assert audit(REPORT).faults


def test_a_fact_that_turns_out_denied_is_found(tmp_path, monkeypatch):
    fact, file = a_fact()
    with_data(tmp_path, monkeypatch, file, fact, status="denied")
    assert any("denied" in fault or "made again" in fault for fault in audit(REPORT).faults)


def test_a_source_from_after_the_date_is_found(tmp_path, monkeypatch):
    fact, file = a_fact()
    with (data_folder() / file).open(encoding="utf-8") as stream:
        (source,) = [r["source"] for r in csv.DictReader(stream) if r["fact"] == fact]
    with_data(tmp_path, monkeypatch, "sources.csv", source, published="2030-01-01")
    path = changed(
        tmp_path,
        r"&quot;as_of&quot;: &quot;latest&quot;",
        "&quot;as_of&quot;: &quot;2026-09-30&quot;",
    )
    assert any(f"{fact}, which is not known on 2026-09-30" in f for f in audit(path).faults)


def test_what_is_no_report_is_refused(tmp_path):
    (tmp_path / "page.html").write_text("<p>Hello</p>")
    with pytest.raises(AuditError, match="does not say which report"):
        audit(tmp_path / "page.html")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(AuditError, match="no HTML report"):
        audit_all([empty])
