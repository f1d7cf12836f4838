"""An audit finds what was changed after a report was made, in the page or in the data."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest

from nissan_analysis import cli
from nissan_analysis.auditing import Audit, audit, audit_all
from nissan_analysis.places import REPORTS, data_folder
from nissan_analysis.printed import AuditError, Number, read_page
from nissan_analysis.showing import audited

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


def quick(path: Path) -> list[str]:
    """The faults that are found without making the report again."""
    return audit(path, again=False).faults


def test_an_untouched_report_holds():
    found = audit(REPORT)
    assert found.faults == []
    assert len(found.numbers) == found.traced == found.recomputed > 100


@pytest.mark.parametrize("report", REPORTS)
def test_every_number_of_every_report_is_traced(report):
    found = audit(ROOT / "reports" / f"{report}.html", again=False)
    assert found.faults == []
    assert len(found.numbers) == found.traced
    assert found.by_formula > 0.25 * found.traced


def test_one_changed_digit_is_found(tmp_path):
    assert quick(changed(tmp_path, r"(?<=>)35\.71%(?=</data>)", "35.91%")) == [
        "'35.91%': prints 35.91, which its bounds 35.705 to 35.715 do not hold"
    ]


def test_a_digit_too_many_is_found(tmp_path):
    faults = quick(changed(tmp_path, r"(?<=>)52(?=</data>)", "52.3"))
    assert any("'52.3': prints 52.3" in fault for fault in faults)


def test_a_value_changed_with_its_bounds_is_found(tmp_path):
    old = r'value="35\.71" data-low="35\.705" data-high="35\.715"'
    new = 'value="35.91" data-low="35.905" data-high="35.915"'
    faults = quick(changed(tmp_path, old, new))
    assert any("says 35.91; f0 of renault-in-nissan-stake" in fault for fault in faults)


def test_a_changed_alt_text_is_found(tmp_path):
    faults = audit(changed(tmp_path, r'(aria-label="[^"]*?)2025', r"\g<1>2024")).faults
    assert len(faults) == 1
    assert faults[0].startswith("alt text 1 is ")


def test_a_changed_value_of_a_fact_is_found(tmp_path, monkeypatch):
    fact, file = a_fact()
    with_data(tmp_path, monkeypatch, file, fact, value="7")
    assert any(f"f0 of {fact} is 7" in fault for fault in quick(REPORT))


def test_a_changed_fact_behind_a_computed_number_is_found(tmp_path, monkeypatch):
    page = read_page(REPORT.read_text(encoding="utf-8"))
    name = next(
        f
        for n in page.numbers
        if "f1" in n.formula
        for f in n.facts
        if f.endswith("-response") and _file_of(f) == "facts/sales.csv"
    )
    with_data(tmp_path, monkeypatch, "facts/sales.csv", name, value="3374272")
    assert any("f0" in fault and "f1" in fault and name in fault for fault in quick(REPORT))


def test_a_fact_that_turns_out_denied_is_found(tmp_path, monkeypatch):
    fact, file = a_fact()
    with_data(tmp_path, monkeypatch, file, fact, status="denied")
    faults = quick(REPORT)
    assert any(f"{fact} is denied" in fault for fault in faults)
    assert any("is denied, and its sentence does not say so" in fault for fault in faults)


def test_a_denial_that_the_data_do_not_know_is_found(tmp_path):
    fact, _ = a_fact()
    path = changed(tmp_path, rf'(data-facts="{fact}"[^>]*data-status=")\w+', r"\1denied")
    assert any(f"is told as denied; {fact} is " in fault for fault in quick(path))


def _file_of(fact: str) -> str:
    for path in sorted((data_folder() / "facts").glob("*.csv")):
        with path.open(encoding="utf-8") as stream:
            if any(row["fact"] == fact for row in csv.DictReader(stream)):
                return f"facts/{path.name}"
    raise AssertionError(f"no file holds {fact}")


def test_a_number_that_its_event_does_not_say_is_found(tmp_path):
    page = read_page(REPORT.read_text(encoding="utf-8"))
    cited = next(n for n in page.numbers if n.facts[0].startswith("event:") and not n.low)
    old = re.escape(f'data-facts="{cited.facts[0]}">{cited.text}<')
    path = changed(tmp_path, old, f'data-facts="{cited.facts[0]}">77<')
    assert any("'77': is cited from event:" in fault for fault in quick(path))


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
    assert any(f"{fact}, which is not known on 2026-09-30" in f for f in quick(path))


def test_what_is_no_report_is_refused(tmp_path):
    (tmp_path / "page.html").write_text("<p>Hello</p>")
    with pytest.raises(AuditError, match="does not say which report"):
        audit(tmp_path / "page.html")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(AuditError, match="no HTML report"):
        audit_all([empty])


def test_other_pages_beside_reports_are_passed_over_and_a_damaged_one_is_named(tmp_path, capsys):
    whole = (Path(__file__).parent.parent / "reports" / "alliances.html").read_text(
        encoding="utf-8"
    )
    (tmp_path / "moved.html").write_text("<!doctype html><title>Moved</title>", encoding="utf-8")
    (tmp_path / "alliances.html").write_text(whole, encoding="utf-8")
    broken = whole.replace('<meta name="report" content="', '<meta name="report" content="x', 1)
    (tmp_path / "broken.html").write_text(broken, encoding="utf-8")
    assert cli.run(["audit", "--quick", str(tmp_path)]) == 1
    told = capsys.readouterr().out
    assert "broken.html is damaged where it says which report it is" in told
    assert re.search(r"^ *alliances +\d+", told, re.MULTILINE)
    assert "moved" not in told


def test_an_audit_is_told_in_a_line_a_fault_and_an_exit_code(capsys):
    sold = Number("1,200", "1200", "1150", "1250", "vehicles", ("a", "b"), "official", "f0 + f1")
    bare = Number("[red]3[/red]", "3", "", "", "", ("c",), "", "")
    whole = Audit("briefing", [sold, bare], 2, 1, None, [])
    assert audited([whole]) == 0
    quiet = capsys.readouterr().out
    assert quiet.split()[-6:] == ["briefing", "2", "2", "1", "–", "0"] and "1,200" not in quiet
    broken = Audit("alliances", [], 0, 0, 0, ["'[5]' leads to no fact."])
    assert audited([whole, broken], listed=True) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "briefing: 1,200: 1150 to 1250 vehicles, official = f0 + f1 of a b"
    assert told[1] == "briefing: [red]3[/red]: as cited, cited from c"
    assert told[2] == "alliances: '[5]' leads to no fact."
    assert told[-1].split() == ["alliances", "0", "0", "0", "0", "1"]
