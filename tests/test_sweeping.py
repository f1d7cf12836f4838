"""Orders of many reports: ranges, tables, names, faults, and going on after an interruption."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tiny
from nissan_analysis import cli, sweeping
from nissan_analysis.parameters import MODELS
from nissan_analysis.ranges import values_of
from nissan_analysis.sweeping import SweepError, planned, swept

SCHEMA = {
    name: schema
    for model in MODELS.values()
    for name, schema in model.model_json_schema()["properties"].items()
}


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("plant", "oppama, wuhan", ["oppama", "wuhan"]),
        ("capacity", "*", ["1.6m", "1.5m", "1.0m"]),
        ("peers", "*", ["toyota_china", "honda_china", "byd"]),
        ("as_of", "2024-01-31..2024-04-30/month", ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]),
        ("as_of", "2024-02-29..2024-04-30", ["2024-02-29", "2024-03-31", "2024-04-30"]),
        ("as_of", "2023-12-30..2024-03-30/month", ["2023-12-30", "2024-01-30", "2024-02-29", "2024-03-30"]),
        ("as_of", "2024-01-15..2025-01-14/half", ["2024-01-15", "2024-07-15"]),
        ("as_of", "2024-02-26..2024-03-11/week", ["2024-02-26", "2024-03-04", "2024-03-11"]),
        ("as_of", "2020-02-29..2024-02-29/year", [f"{y}-02-{28 + (y % 4 == 0)}" for y in range(2020, 2025)]),
        ("first_month", "2022-11..2023-02/month", ["2022-11", "2022-12", "2023-01", "2023-02"]),
        ("first_year", "2010..2013", ["2010", "2011", "2012", "2013"]),
        ("break_even_utilisation", "60..75/5", ["60", "65", "70", "75"]),
        ("discount_rate", "0.5..1.1/0.2", ["0.5", "0.7", "0.9", "1.1"]),
    ],
)  # fmt: skip
def test_ranges(name: str, text: str, values: list[str]) -> None:
    assert values_of(SCHEMA[name], text) == values


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("as_of", "*", "needs a parameter with a list of choices"),
        ("plant", "oppama,,wuhan", "a value is empty; expected one of"),
        ("as_of", "2024-02-30..2024-05-31", "2024-02-30|day .* month"),
        ("as_of", "2025-01-31..2024-01-31", "2025-01-31 is later than 2024-01-31"),
        ("first_year", "2013..2010", "so the range is empty"),
        ("first_month", "2022-11..2023-02/week", "'week' is no step of dates; expected one of month"),
        ("first_year", "2010..2020/0", "expected first..last/step"),
        ("first_year", "2010..soon", "expected first..last/step"),
        ("first_year", "0..99999999", "more than 10,000 values"),
    ],
)  # fmt: skip
def test_wrong_ranges(name: str, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        values_of(SCHEMA[name], text)


def test_every_combination_has_a_name_of_its_own() -> None:
    sweeps = ["as_of=2024-03-31,2025-03-31", "first-year=2010,2015"]
    tasks, index = swept(["china-sales"], sweeps, {"peers": "byd"})
    assert [one.stem for one in tasks] == [
        "china_sales-2024-03-31-2010",
        "china_sales-2024-03-31-2015",
        "china_sales-2025-03-31-2010",
        "china_sales-2025-03-31-2015",
    ]
    assert tasks[1].label == "As known on 31 March 2024, first year 2015"
    assert tasks[1].parameters["peers"] == ["byd"]
    assert index.title == "The sales decline in China: 4 reports"
    assert index.lead == (
        "The same report for 2 days, from 31 March 2024 to 31 March 2025; "
        "for 2 values of first year, from 2010 to 2015."
    )


def test_faults_of_a_sweep_are_told_at_once() -> None:
    with pytest.raises(SweepError) as caught:
        swept(["plant"], ["plant=oppamma", "as_off=2024-01-31", "plant=*", "nothing"], {})
    faults = "\n".join(caught.value.faults)
    for words in (
        "Did you mean 'oppama'",
        "Did you mean 'as_of'",
        "swept twice",
        "such as plant=*",
    ):
        assert words in faults
    with pytest.raises(SweepError, match="asks for the same report as"):
        swept(["plant"], ["plant=oppama,wuhan,oppama"], {})
    with pytest.raises(SweepError, match="what to sweep is missing"):
        swept(["plant"], [], {})


def table(folder: Path, *lines: str) -> Path:
    path = folder / "plan.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")  # as spreadsheets write it
    return path


def test_a_table(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "report,as_of,plant,first_year,partners",
        "plant,2024-03-31,oppama,,",
        "",
        "china-sales,2024-03-31,,2015,",
        'alliances,,,,"honda,renault"',
        "briefing,,,,",
    )
    tasks, index = planned(path, {}, ["html"])
    assert [(one.stem, one.label) for one in tasks] == [
        ("plant-2024-03-31-oppama", "Plant, as known on 31 March 2024, plant oppama"),
        ("china_sales-2024-03-31-2015", "China sales, as known on 31 March 2024, first year 2015"),
        ("alliances-honda-renault", "Alliances, partners honda,renault"),
        ("briefing", "Briefing"),
    ]
    assert tasks[2].parameters["partners"] == ["honda", "renault"]
    assert index.listed


def test_names_that_would_be_the_same_are_written_out(tmp_path: Path) -> None:
    lines = (
        "report,break_even_utilisation,oppama_foxconn_volume",
        "restructuring,90,",
        "restructuring,,90",
    )
    tasks, _ = planned(table(tmp_path, *lines), {})
    assert [one.stem for one in tasks] == [
        "restructuring-break_even_utilisation-90",
        "restructuring-oppama_foxconn_volume-90",
    ]


def test_faults_of_a_table_are_told_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = table(
        tmp_path,
        "report,as_of,plant,frist_year",
        "plant,soon,oppama,",
        "plan,2025-12-31,wuhan,",
        "china-sales,,wuhan,",
        "plant,2025-12-31",
        "plant,,oppama,",
        "plant,latest,oppama,",
    )
    assert cli.run(["sweep", str(path), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err.replace(f"{path}, ", "")
    assert [line[4:40] for line in said.splitlines()[1:]] == [
        "row 1, column frist_year: no report ",
        "row 2, column as_of: got 'soon'; exp",
        "row 3, column report: 'plan': There ",
        "row 4, column plant: no such paramet",
        "row 5: has 2 cells, expected 4.",
        "row 7: asks for the same report as r",
    ]
    assert said.startswith("nissan-analysis: 6 faults in what was asked for, so nothing was run.")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"report;as_of\nplant;latest\n", r"expected a column 'report' \(commas between\)"),
        (b"", "expected a column 'report'"),
        (b"report\n", "has no row but the header"),
        (b"report,as_of,as_of\nplant,,\n", "the column 'as_of' is there 2 times"),
        (b"report\nplant\xff\n", "cannot be read as a CSV table in UTF-8"),
        (b'report\n"plant\n', "cannot be read as a CSV table"),
    ],
)
def test_what_is_no_table(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "plan.csv"
    path.write_bytes(content)
    with pytest.raises(SweepError, match=words):
        planned(path, {})
    with pytest.raises(SweepError, match="No such file"):
        planned(tmp_path / "none.csv", {})


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["sweep"], "what to make is missing"),
        (["sweep", "plan.csv", "plant"], "a table is an order by itself"),
        (["sweep", "plant", "--resume"], "--resume takes no reports"),
        (["sweep", "--resume", "--out", "nowhere"], "there is no unfinished sweep in nowhere"),
        (["sweep", "plnt", "--sweep", "plant=*"], "Did you mean 'plant'"),
        (["sweep", "plant", "--sweep", "plant=*", "--jobs", "1", "--scheduler", "tcp://x:1"], "--jobs"),
    ],
)  # fmt: skip
def test_wrong_use(
    line: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.run(line) == 2
    assert words in capsys.readouterr().err


@pytest.mark.slow
def test_going_on_after_an_interruption(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NISSAN_ANALYSIS_WARM", "0")  # these need no imports to be ready
    go, out = tmp_path / "go", tmp_path / "out"
    wait = f"import os, time\nwhile as_of == '2024-03-31' and not os.path.exists({str(go)!r}): time.sleep(0.05)"
    tiny.write(desk, "china_sales", wait, 'speak("prose", f"Of {as_of}")')
    line = [sys.executable, "-m", "nissan_analysis", "sweep"]
    order = ["china-sales", "--sweep", "as_of=2024-01-31..2024-03-31", "--formats", "html"]
    order += ["--jobs", "1", "--out", str(out)]
    with subprocess.Popen(
        [*line, *order], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:  # fmt: skip
        end = time.monotonic() + 60
        while not (out / "china_sales-2024-02-29.html").exists():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert f"To make the rest: nissan-analysis sweep --resume --out {out}" in errors
    assert not (out / "index.html").exists()
    before = {path: path.stat().st_mtime_ns for path in out.glob("*.html")}
    assert len(before) == 2

    go.touch()
    ran = subprocess.run(
        [*line, "--resume", "--out", str(out)], capture_output=True, text=True, check=True, timeout=60
    )  # fmt: skip
    assert re.findall(r"^made +(\S+)", ran.stdout, re.M) == [
        str(out / "china_sales-2024-03-31.html")
    ]
    assert "3 of 3 reports" in ran.stdout
    assert {path: path.stat().st_mtime_ns for path in before} == before
    names = [f"china_sales-{day}.html" for day in ("2024-01-31", "2024-02-29", "2024-03-31")]
    assert sorted(path.name for path in out.iterdir()) == [*names, "index.html"]
    page = (out / "index.html").read_text()
    assert re.findall(r'<h2[^>]*><a href="([^"]+)"', page) == names
    assert "As known on 3 days, from 31 January 2024 to 31 March 2024" in page
    with pytest.raises(SweepError, match="no unfinished sweep"):
        sweeping.unfinished(out)


def test_long_names_stay_apart(tmp_path: Path) -> None:
    """Cut names were once the same, and one report was written over the other."""
    many = "nissan_china,toyota_china,honda_china,nissan,japan_passenger"
    rows = [f'series,sales,"{many},{last}"' for last in ("byd", "kei_ev_inhouse")]
    rows += ["series,sales,sakura", 'series,sales,"byd,sakura"', "series,sales,byd:sakura"]
    table = tmp_path / "plan.csv"
    table.write_text("report,metric,entities\n" + "\n".join(rows) + "\n", encoding="utf-8")
    tasks, _ = planned(table, {}, ("html",), None)
    names = [one.stem for one in tasks]
    assert len({name.lower() for name in names}) == len(rows)
    assert max(map(len, names)) <= sweeping.LONGEST
    assert [one.stem for one in planned(table, {}, ("html",), None)[0]] == names


def test_what_the_benchmark_orders_can_be_made(tmp_path: Path) -> None:
    import importlib.util

    path = Path(__file__).parent.parent / "benchmarks" / "bench.py"
    spec = importlib.util.spec_from_file_location("bench", path)
    assert spec
    assert spec.loader
    bench = importlib.util.module_from_spec(spec)
    sys.modules["bench"] = bench  # dataclasses look there
    spec.loader.exec_module(bench)
    rows = bench.plan(100)
    table = tmp_path / "plan.csv"
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert len(planned(table, {}, ("html",), None)[0]) == 100
    assert {row["report"] for row in rows[:: bench.SAMPLE]} == {row["report"] for row in rows}
