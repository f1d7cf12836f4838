"""How long reports take, here and as others do it: ``make bench [ROUNDS=3] [SIZES=1,12,100]``.

All contenders take turns within a round, so that a machine that slows down slows all of them; a
figure is the median of the rounds. Memory is the peak of the whole process tree, shared pages
counted once. What takes minutes runs in the first round only, and of a hundred reports every
seventh, multiplied; the table says so. At the end what was asked of these figures is held against
them.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

HERE = Path(__file__).resolve().parent
NOTEBOOKS = HERE.parent / "notebooks"
BIN = Path(sys.executable).parent
EXTRA = HERE.parent / ".bench"  # what only a comparison needs, beside the environment
SIZES = (1, 12, 100)
#: The vintages: a day late in each month in which all reports have something to say.
DAYS = [
    f"{year}-{month:02}-28"
    for year, months in ((2025, range(1, 13)), (2026, range(1, 6)))
    for month in months
]
REPORTS = ("china_sales", "sakura_share", "restructuring", "alliances", "briefing")
PLANTS = ("oppama", "wuhan", "smyrna", "sunderland", "aguascalientes_a1", "tochigi")
ALL = "HTML, PDF, facts"
LOOP, OURS, UNCHANGED = "shell loop: papermill, nbconvert", "ours", "ours, nothing changed"
SCRATCH, LIMIT = "ours, processes from scratch", "warm-function limit"
SAMPLE = 7  # of a hundred reports, the slow ways make one in so many
TABLE = ("<!-- table -->", "<!-- end of table -->")


def plan(size: int) -> list[dict[str, str]]:
    """`size` reports: again and again the five at two dates and two sheets on plants."""
    rows: list[dict[str, str]] = []
    turn = 0
    while len(rows) < size:
        days = [DAYS[(5 * (2 * turn + i)) % len(DAYS)] for i in (0, 1)]
        for day in days:
            rows += [{"report": report, "as_of": day, "plant": ""} for report in REPORTS]
            plant = PLANTS[(2 * turn + days.index(day)) % len(PLANTS)]
            rows.append({"report": "plant", "as_of": day, "plant": plant})
        turn += 1
    return rows[:size]


@dataclass
class Run:
    """One contender's time and memory; `times` is what a sample is multiplied by."""

    seconds: float
    peak: float
    times: float = 1.0
    whole: float = 0.0  # with the start of the command, where `seconds` leave that out


@dataclass
class Contender:
    name: str
    makes: str
    run: Callable[[Path, Path], Run]
    slow: bool = False
    missing: str = ""
    runs: dict[int, list[Run]] = field(default_factory=dict)


def measured(line: list[str], cwd: Path, **environment: str) -> tuple[float, float, str]:
    """Seconds, peak MB of the process tree, and what was printed. Fails when the command does."""
    unwanted = ("NISSAN_ANALYSIS_", "JUPYTER_DEFAULT_PROVISIONER")
    env = {k: v for k, v in os.environ.items() if not k.startswith(unwanted)} | environment
    begun = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        process = psutil.Popen(line, cwd=cwd, env=env, stdout=said, stderr=subprocess.STDOUT)
        peak, ended = [0.0], threading.Event()
        watcher = threading.Thread(target=_watch, args=(process, peak, ended))
        watcher.start()
        code = process.wait()
        seconds = time.perf_counter() - begun
        ended.set()
        watcher.join()
        said.seek(0)
        text = said.read()
    if code:
        sys.exit(f"{' '.join(line)} failed:\n{text}")
    return seconds, peak[0], text


def _watch(process: psutil.Popen, peak: list[float], ended: threading.Event) -> None:
    while not ended.wait(0.25):
        total = 0.0
        for one in (process, *_children(process)):
            try:
                total += one.memory_full_info().pss
            except (psutil.Error, AttributeError):
                continue
        peak[0] = max(peak[0], total / 1e6)


def _children(process: psutil.Popen) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.Error:
        return []


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        yield from csv.DictReader(stream)


def shell_loop(path: Path, out: Path) -> Run:
    seconds = peak = 0.0
    for number, row in enumerate(rows_of(path)):
        report = row.pop("report")
        executed = out / f"{number}-{report}.ipynb"
        given = [part for name, value in row.items() if value for part in ("-p", name, value)]
        for line in (
            [BIN / "papermill", NOTEBOOKS / f"{report}.ipynb", executed, *given],
            [BIN / "jupyter", "nbconvert", "--to", "html", executed],
        ):
            took, most, _ = measured([str(part) for part in line], out)
            seconds, peak = seconds + took, max(peak, most)
    return Run(seconds, peak)


def other(engine: str, **environment: str) -> Callable[[Path, Path], Run]:
    def run(path: Path, out: Path) -> Run:
        line = [sys.executable, str(HERE / "others.py"), engine, str(path), str(out)]
        return Run(*measured(line, out, **environment)[:2])

    return run


def limit(path: Path, out: Path) -> Run:
    line = [sys.executable, str(HERE / "limit.py"), str(path), str(out)]
    whole, peak, said = measured(line, out)
    return Run(float(said.split()[-1]), peak, whole=whole)


def clustered(cache: Path) -> Callable[[Path, Path], Run]:
    def run(path: Path, out: Path) -> Run:
        line = [sys.executable, str(HERE / "clustered.py"), str(path), str(out)]
        _, peak, said = measured(line, out, NISSAN_ANALYSIS_CACHE=str(cache))
        return Run(float(said.split()[-1]), peak)

    return run


def ours(cache: Path, *options: str, **environment: str) -> Callable[[Path, Path], Run]:
    def run(path: Path, out: Path) -> Run:
        line = [str(BIN / "nissan-analysis"), "sweep", str(path), "--out", str(out), *options]
        took = measured(line, out, NISSAN_ANALYSIS_CACHE=str(cache), **environment)
        return Run(*took[:2])

    return run


def contenders(cache: Path) -> list[Contender]:
    ploomber = "" if (EXTRA / "ploomber_engine").is_dir() else "not installed"
    # It cannot take pictures as bytes, which the desk shows, and it reports its use.
    odd = {
        "PYTHONPATH": str(EXTRA),
        "NISSAN_ANALYSIS_BATCH": "1",
        "PLOOMBER_STATS_ENABLED": "false",
    }
    return [
        Contender(LOOP, "HTML", shell_loop, slow=True),
        Contender("nbclient and nbconvert, one process", "HTML", other("nbclient"), slow=True),
        Contender(
            "ploomber-engine and nbconvert", "HTML", other("ploomber", **odd), True, ploomber
        ),
        Contender(SCRATCH, ALL, ours(cache, "--fresh", NISSAN_ANALYSIS_WARM="0"), slow=True),
        Contender("ours, one job", ALL, ours(cache, "--fresh", "--jobs", "1"), slow=True),
        Contender("ours, through Dask", ALL, clustered(cache), slow=True),
        Contender(OURS, ALL, ours(cache, "--fresh")),
        Contender(UNCHANGED, ALL, ours(cache)),
        Contender(LIMIT, ALL, limit),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--only", default="", help="contenders whose names hold this")
    parser.add_argument("--full", action="store_true", help="no samples of a hundred reports")
    parser.add_argument("--write", action="store_true", help="results.json and README.md")
    asked = parser.parse_args()
    sizes = [int(size) for size in asked.sizes.split(",")]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        place = Path(folder)
        all_of_them = [one for one in contenders(place / "cache") if asked.only in one.name]
        for size in sizes:
            for number in range(asked.rounds if size < 100 else 1):
                for one in all_of_them:
                    if not one.missing and not (one.slow and number and size > 1):
                        turn(one, size, place, asked.full)
            compare(place, size)
    results = {"machine": machine(), "rounds": asked.rounds, "results": summary(all_of_them, sizes)}
    text = table(results, sizes)
    print(f"\n{text}")
    if asked.write:
        (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        page = (HERE / "README.md").read_text(encoding="utf-8")
        before, _, rest = page.partition(TABLE[0])
        after = rest.partition(TABLE[1])[2]
        filled = f"{before}{TABLE[0]}\n{text}\n{TABLE[1]}{after}"
        (HERE / "README.md").write_text(filled, encoding="utf-8")


def turn(one: Contender, size: int, place: Path, full: bool) -> None:
    """One run of a contender, into a folder of its own (what is unchanged goes where it was made)."""
    rows = plan(size)
    sample = one.makes == "HTML" and size >= 100 and not full
    if one.name == SCRATCH and size >= 100 and not full:
        return
    some = rows[::SAMPLE] if sample else rows
    path = place / f"plan-{size}{'-sample' if sample else ''}.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(some)
    out = place / (OURS if one.name == UNCHANGED else one.name) / str(size)
    if one.name != UNCHANGED:
        shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    run = one.run(path, out)
    run.times = len(rows) / len(some)
    run.seconds, run.whole = run.seconds * run.times, run.whole * run.times
    one.runs.setdefault(size, []).append(run)
    print(f"{size:>4}  {one.name:<38}{run.seconds:8.2f} s {run.peak:6.0f} MB", flush=True)


def compare(place: Path, size: int) -> None:
    """Every way of ours, Dask, and plain functions make the same bytes."""
    found = {
        name: {
            path.suffix + hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (place / name / str(size)).glob("*")
            if path.suffix in (".html", ".pdf", ".json") and path.stem != "index"
        }
        for name in sorted(path.name for path in place.iterdir() if path.is_dir())
        if name.startswith("ours") or name == LIMIT
    }
    for name, files in found.items() if OURS in found else ():
        missing = found[OURS] - files
        if files and missing:
            sys.exit(
                f"{name!r} made {len(missing)} files of {size} reports otherwise than {OURS!r}."
            )
        if files:
            print(f"{size:>4}  {name}: the same bytes", flush=True)


def summary(found: list[Contender], sizes: list[int]) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "makes": one.makes,
            "missing": one.missing,
            "sizes": {
                str(size): {
                    "seconds": round(statistics.median(run.seconds for run in runs), 3),
                    "runs": [round(run.seconds, 3) for run in runs],
                    "whole": round(statistics.median(run.whole for run in runs), 3),
                    "peak_mb": round(max(run.peak for run in runs)),
                    "multiplied_by": runs[0].times,
                }
                for size in sizes
                if (runs := one.runs.get(size))
            },
        }
        for one in found
    ]


def table(results: dict[str, Any], sizes: list[int]) -> str:
    """The results as Markdown: seconds, how many times faster than the shell loop, and memory."""
    base = results["results"][0]["sizes"] if results["results"][0]["name"] == LOOP else {}
    heads = [f"{size} report{'s' * (size > 1)}" for size in sizes]
    lines = [
        f"| {' | '.join(['', 'makes', *heads])} |",
        f"| --- | --- |{' ---: |' * len(sizes)}",
    ]
    for one in results["results"]:
        cells = []
        for size in map(str, sizes):
            got = one["sizes"].get(size)
            if got is None:
                cells.append(one["missing"] or "not run")
                continue
            ratio = base[size]["seconds"] / got["seconds"] if size in base else 0
            digits = 2 if got["seconds"] < 1 else 1
            scaled = "*" * (got["multiplied_by"] > 1)
            many = f", {ratio:.1f}×" if one is not results["results"][0] and ratio else ""
            whole = f" ({got['whole']:.1f} s with its start)" if got["whole"] else ""
            cells.append(f"{got['seconds']:.{digits}f} s{scaled}{whole}{many}, {got['peak_mb']} MB")
        lines.append(f"| {' | '.join([one['name'], one['makes'], *cells])} |")
    m = results["machine"]
    what = ", ".join(f"{name} {number}" for name, number in m["versions"].items())
    return "\n".join(
        [*lines, "", "× is how many times faster than the shell loop. \\* A sample was run, and multiplied.", "",
         *asked_of(results), "",
         f"Measured on {m['cores']} cores of {m['processor']}, {m['memory_gb']} GB, {m['system']}, {what}."]
    )  # fmt: skip


def asked_of(results: dict[str, Any]) -> list[str]:
    """What these figures were to be, and are, as Markdown; only of what was run."""
    found = {one["name"]: one["sizes"] for one in results["results"]}

    def of(name: str, size: int, what: str = "seconds") -> float:
        return float(found.get(name, {}).get(str(size), {}).get(what, 0))

    lines = []

    def line(words: str, above: float, below: float, *, most: float = 0, least: float = 0) -> None:
        if above and below:
            ratio = above / below
            held = ratio <= most if most else ratio >= least
            goal = f"at most {most:g}" if most else f"at least {least:g}"
            lines.append(f"| {words} | {goal} | {ratio:.2f} | {'yes' if held else '**no**'} |")

    for size, times in ((12, 6), (100, 7)):
        line(f"{size} reports: shell loop / ours", of(LOOP, size), of(OURS, size), least=times)
        line(f"{size} reports: ours / limit", of(OURS, size), of(LIMIT, size), most=1.5)
        whole = of(LIMIT, size, "whole")
        line(f"{size} reports: ours / limit with its start", of(OURS, size), whole, most=1.5)
        line(
            f"{size} reports: ours / nothing changed", of(OURS, size), of(UNCHANGED, size), least=50
        )
        line(f"{size} reports: seconds when nothing changed", of(UNCHANGED, size), 1, most=1)
    line("time of a report, 100 / 12", of(OURS, 100) / 100, of(OURS, 12) / 12, most=1.15)
    line("memory, 100 / 12", of(OURS, 100, "peak_mb"), of(OURS, 12, "peak_mb"), most=1.15)
    return ["| | asked | measured | held |", "| --- | ---: | ---: | --- |", *lines] if lines else []


def machine() -> dict[str, Any]:
    """The size of the machine, without its name."""
    processor = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        processor = names[0].partition(": ")[2] if names else processor
    packages = ("papermill", "nbclient", "nbconvert", "matplotlib", "pandas")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": processor,
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": platform.system(),
        "versions": {"Python": platform.python_version()} | {p: version(p) for p in packages},
    }


if __name__ == "__main__":
    main()
