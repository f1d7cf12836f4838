"""Faults at run time, each made for real: killed processes, endless cells, no memory, full and read-only
disks, interruptions at any moment, two renders at once, odd clocks, locales, zones, homes and paths,
and much data.
"""

from __future__ import annotations

import contextlib
import cProfile
import ctypes.util
import fcntl
import hashlib
import json
import mmap
import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import disks
import small_data
import tiny
from disks import wait_for
from nissan_analysis import apart, cache, cli, files, kernels, making, manifest, running
from nissan_analysis.ledger import Ledger
from test_cache import SPEAK
from test_running import alive, contents, old_reports

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="/proc, tmpfs and forks are Linux's"),
]
Tally = Callable[[str, int], None]
ENDINGS = (".html", ".pdf", ".facts.json")


@pytest.fixture(scope="module")
def warm() -> Iterator[None]:
    with kernels.warm():
        yield


def line(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "nissan_analysis", *map(str, arguments)]


def run(
    *arguments: str | Path, limits: Callable[[], None] | None = None, **more: str | None
) -> subprocess.CompletedProcess[str]:
    """The command line with another environment; None takes a variable away."""
    env = {name: value for name, value in {**os.environ, **more}.items() if value is not None}
    return subprocess.run(
        line(*arguments),
        env=env,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=120,
        check=False,
        preexec_fn=limits,
    )


def speaking(folder: Path, *more: str) -> Path:
    """A notebook that speaks from the ledger, as the real ones do."""
    path = tiny.write(folder, "china_sales")
    nb = json.loads(path.read_text())
    before, end = SPEAK.rsplit("\n", 2)[:2]
    sources = enumerate((before, *more, end))
    cells = [{**nb["cells"][1], "id": f"c{n}", "source": source} for n, source in sources]
    nb["cells"] = [nb["cells"][0], *cells]
    path.write_text(json.dumps(nb))
    return path


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(".*") if path.suffix in (".part", ".old")]


def sums_hold(folder: Path) -> bool:
    """Whether `sha256sum -c SHA256SUMS` would say so."""
    told = manifest.read((folder / manifest.NAME).read_bytes())
    names = {path.name for path in folder.iterdir()} - {manifest.NAME}
    found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    return told == found


# --- what a cell can do --------------------------------------------------------------------


def test_killed_endless_and_greedy_cells_of_one_batch(
    desk: Path, tmp_path: Path, tally: Tally
) -> None:
    """Each report says what became of it; the old ones are whole, the sound one is made."""
    marker = tmp_path / "kernel"
    much = 12 * 2**30
    bad = {
        "china_sales": f"import os, time\nopen({str(marker)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)",
        "alliances": "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "while True: time.sleep(0.1)",
        "sakura_share": f"x = 1\nkept = bytearray({much})",
        "restructuring": f"import numpy as np\nkept = np.ones({much}, 'uint8')",
    }
    for report, cell in bad.items():
        tiny.write(desk, report, cell)
    tiny.write(desk, "briefing")
    out = tmp_path / "out"
    old = old_reports(out, *bad)
    with subprocess.Popen(
        line("render", "--out", out, "--timeout", "8", "--jobs", "3"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (much // 2, much // 2)),
    ) as process:
        wait_for(lambda: marker.exists() and marker.read_text())
        began = disks.children(process.pid)
        os.kill(int(marker.read_text()), signal.SIGKILL)
        said, errors = process.communicate(timeout=100)
    assert process.returncode == 1
    assert errors == ""
    assert (
        "china_sales: china_sales.ipynb: its process died in cell 3 (import os, time); most often it ran out of memory"
        in said
    )
    assert "alliances.ipynb: cell 3 (import signal, time) took longer than it may" in said
    assert "sakura_share: Cell 3 of sakura_share.ipynb (In [4]) failed, line 2: kept" in said
    assert "\nMemoryError: memory ran out. Close other programs, or render with --jobs 1.\n" in said
    assert "Cell 3 of restructuring.ipynb (In [4]) failed, line 2: kept" in said
    assert "Unable to allocate 12.0 GiB" in said
    assert said.count("memory ran out. Close other programs") == 2
    assert "1 of 5 reports" in said
    assert contents(out) == contents(out) | old, "an old report was touched"
    assert {p.name for p in set(contents(out)) - set(old)} == {f"briefing{e}" for e in ENDINGS}
    assert began
    wait_for(lambda: not any(map(alive, began)))
    tally("faults at run time tried", 4)
    tally("reports lost", 0)


def test_no_memory_left_to_write_the_report(desk: Path, tmp_path: Path, tally: Tally) -> None:
    """The cell leaves too little memory to write the report; the other one is made all the same."""
    cell = (
        "import resource\n"
        "pages = int(open('/proc/self/statm').read().split()[0])\n"
        "limit = pages * resource.getpagesize() + 2**25\n"
        "resource.setrlimit(resource.RLIMIT_AS, (limit, limit))\n"
        "speak('prose', 'many words ' * 2**20)"
    )
    tiny.write(desk, "china_sales", cell)
    tiny.write(desk, "alliances")
    out = tmp_path / "out"
    old = old_reports(out, "china_sales")
    order = ("render", "china-sales", "alliances", "--formats", "html", "--out", out)
    ran = run(*order, NISSAN_ANALYSIS_WARM="0")
    assert ran.returncode == 1
    assert "china_sales: " in ran.stdout
    assert "emory ran out" in ran.stdout, ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr
    assert contents(out) == contents(out) | old
    assert (out / "alliances.html").exists()
    tally("faults at run time tried", 1)


# --- disks ---------------------------------------------------------------------------------

MADE = making.Made(
    "china_sales", {"html": b"new" * 9000, "pdf": b"newer" * 9000, "facts": b"newest" * 9000}
)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    old_reports(folder, "china_sales")
    return folder


def refused(out: Path, words: str) -> None:
    """The new report cannot be written; the message says why and where, the old one is whole."""
    old = contents(out)
    with pytest.raises(running.RenderError, match=words) as told:
        running.deliver(MADE, out)
    assert str(out) in str(told.value)
    assert "The files that were there are untouched" in str(told.value)
    assert contents(out) == old


def test_a_full_disk(tmp_path: Path, tally: Tally) -> None:
    with disks.disk(tmp_path / "disk", "96k") as folder:
        old_reports(folder, "china_sales")
        refused(folder, r"\(china_sales\.\w+(\.json)?\): No space left on device")
    tally("faults at run time tried", 1)


def test_a_quota(desk: Path, tmp_path: Path, tally: Tally) -> None:
    """No file may grow beyond a limit: all of the command, kernels and cache included."""
    tiny.write(desk, "china_sales")
    out, kept = tmp_path / "out", tmp_path / "cache"
    old = old_reports(out, "china_sales")
    ran = run(
        *("render", "china-sales", "--out", out),
        limits=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8000, 8000)),
        NISSAN_ANALYSIS_WARM="0",
    )
    assert ran.returncode == 1
    assert f"could not be written to {out} (china_sales.html): File too large." in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr
    assert contents(out) == old
    assert [path.name for path in kept.rglob("*")] == []
    tally("faults at run time tried", 1)


def test_a_full_disk_for_the_cache_and_for_temporary_files(
    desk: Path, tmp_path: Path, warm: None, monkeypatch: pytest.MonkeyPatch, tally: Tally
) -> None:
    tiny.write(desk, "china_sales")
    tiny.write(desk, "alliances", "1 / 0")
    out = tmp_path / "out"
    tasks = [running.task(name, {}, ("html",)) for name in ("china_sales", "alliances")]
    with disks.disk(tmp_path / "disk", "64k") as folder:
        monkeypatch.setenv("NISSAN_ANALYSIS_CACHE", str(folder / "cache"))

        def pool(tasks: list[making.Task]) -> Iterator[Any]:
            made = [apart.produce(one) for one in tasks]
            with monkeypatch.context() as patch:
                disks.fill(folder)
                patch.setattr(tempfile, "tempdir", str(folder))
                yield from made

        batch = running.render_all(tasks, out, pool, cache=cache.Cache())
        assert [result.report for result in batch.results] == ["china_sales"]
        assert "ZeroDivisionError: division by zero\n" in batch.failures[0]
        assert "could not be kept: No space left on device." in batch.failures[0]
        assert not cache.Cache().has(tasks[0])
        assert not list(folder.rglob("*.part"))
        # a report cannot even be begun
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        told = apart.produce(tasks[0])
        assert isinstance(told, making.Failure)
        assert "No space left on device" in told.message
        with kernels.warm():  # which then are none
            pass
    assert [path.name for path in out.iterdir()] == ["china_sales.html"]
    tally("faults at run time tried", 4)


def test_a_disk_that_can_only_be_read(
    desk: Path, tmp_path: Path, warm: None, monkeypatch: pytest.MonkeyPatch, tally: Tally
) -> None:
    tiny.write(desk, "china_sales")
    task = running.task("china_sales", {}, ("html",))
    with disks.disk(tmp_path / "disk", "1m") as folder:
        old_reports(folder / "out", "china_sales")
        monkeypatch.setenv("NISSAN_ANALYSIS_CACHE", str(folder / "cache"))
        made = apart.produce(task)
        assert isinstance(made, making.Made)
        cache.Cache().keep(task, made)
        disks.only_read(folder)
        refused(folder / "out", "Read-only file system")
        kept = cache.Cache().get(task)
        assert kept is not None and kept.files == made.files
        cache.Cache().keep(running.task("china_sales", {}), made)
        cache.Cache().prune()
    tally("faults at run time tried", 2)


def test_a_folder_that_is_none(
    out: Path, desk: Path, capsys: pytest.CaptureFixture[str], tally: Tally
) -> None:
    below = out / "china_sales.html" / "reports"
    with pytest.raises(running.RenderError, match="Not a directory"):
        running.deliver(MADE, below)
    with pytest.raises(running.RenderError, match="File exists"):
        running.deliver(MADE, below.parent)
    tiny.write(desk, "plant")
    assert cli.run(["plants", "oppama", "--out", str(below)]) == 1
    told = capsys.readouterr().err
    assert f"The order of the sweep could not be written to {below}" in told
    assert "Not a directory" in told
    assert contents(out) == old_reports(out, "china_sales")
    tally("faults at run time tried", 3)


def test_a_folder_without_permission(out: Path, tally: Tally) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    out.chmod(0o555)
    try:
        refused(out, "Permission denied")
    finally:
        out.chmod(0o755)
    tally("faults at run time tried", 1)


def test_one_file_of_three_cannot_be_replaced(out: Path, tally: Tally) -> None:
    """The first is renamed already when the second refuses: then the first comes back."""
    with disks.immutable(out / "china_sales.pdf"):
        refused(out, r"\(china_sales.pdf\): Operation not permitted")
    tally("faults at run time tried", 1)


def test_a_folder_where_a_file_should_be(out: Path, tally: Tally) -> None:
    (out / "china_sales.facts.json").unlink()
    (out / "china_sales.facts.json").mkdir()
    old = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    with pytest.raises(running.RenderError, match=r"\(china_sales.facts.json\): Is a directory"):
        running.deliver(MADE, out)
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == old
    (out / "china_sales.html").unlink()  # one that was not there goes away again
    with pytest.raises(running.RenderError, match="Is a directory"):
        running.deliver(MADE, out)
    assert sorted(path.name for path in out.iterdir()) == [
        "china_sales.facts.json",
        "china_sales.pdf",
    ]
    tally("faults at run time tried", 2)


def test_a_disk_without_hard_links(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as a memory card: no link can be tried here, so only that one call is refused."""

    def none(path: Path, target: Path) -> None:
        raise PermissionError(1, os.strerror(1), str(target))

    monkeypatch.setattr(Path, "hardlink_to", none)
    before = contents(out)
    (out / "china_sales.zzz").mkdir()
    parts = dict.fromkeys(before, b"new") | {out / "china_sales.zzz": b"new"}
    with pytest.raises(IsADirectoryError):
        files.write_together(parts)
    (out / "china_sales.zzz").rmdir()
    assert contents(out) == before
    running.deliver(MADE, out)
    assert [path.read_bytes()[:3] for path in contents(out)] == [b"new"] * 3


def test_a_report_that_is_open_elsewhere(out: Path, tally: Tally) -> None:
    """Who reads the old report reads it to its end; who opens it afterwards gets the new one."""
    path = out / "china_sales.html"
    old = path.read_bytes()
    with path.open("r+b") as reader, mmap.mmap(reader.fileno(), 0) as mapped:
        fcntl.flock(reader, fcntl.LOCK_EX)
        running.deliver(MADE, out)
        assert reader.read() == mapped[:] == old
        assert path.read_bytes() == MADE.files["html"]
    assert leftovers(out) == []
    tally("faults at run time tried", 1)


# --- two at once ---------------------------------------------------------------------------


def _write_many(folder: Path, who: int, rounds: int) -> None:
    for number in range(rounds):
        content = f"{who} {number}".encode()
        files.write_together({folder / f"report.{n}": content for n in range(6)})


def test_files_written_by_many_belong_together(tmp_path: Path, tally: Tally) -> None:
    """While four write, whoever holds the folder never sees files of two writers."""
    folder = tmp_path / "out"
    _write_many(folder, 9, 1)
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_many, args=(folder, n, 50)) for n in range(4)]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        with files._alone_in(folder):
            found = {path.read_bytes() for path in folder.glob("report.*")}
        assert len(found) == 1
        seen |= found
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert len(seen) > 3, "nothing was seen while they wrote"
    assert leftovers(folder) == []
    tally("renders at once tried", 4)


def test_two_renders_of_one_report_at_once(desk: Path, tmp_path: Path, tally: Tally) -> None:
    """Of two days, into one folder: in the end each report is whole, and of one of the two days."""
    days, begun = ("2024-03-31", "2024-06-30"), tmp_path / "begun"
    begun.mkdir()
    meet = (
        f"import pathlib, time\nbegun = pathlib.Path({str(begun)!r})\n"
        "(begun / f'{REPORT} {as_of}').touch()\n"
        "while len(list(begun.glob(f'{REPORT} *'))) < 2: time.sleep(0.01)"
    )
    for report in ("china_sales", "alliances"):
        tiny.write(desk, report, meet, 'speak("prose", f"Known on **{as_of}**.")')
    out = tmp_path / "out"
    both = [
        subprocess.Popen(
            line("render", "china-sales", "alliances", "--out", out, "--as-of", day),
            env={**os.environ, "NISSAN_ANALYSIS_WARM": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for day in days
    ]
    for process in both:
        said, errors = process.communicate(timeout=100)
        assert (process.returncode, errors) == (0, ""), said
    for report in ("china_sales", "alliances"):
        day = json.loads((out / f"{report}.facts.json").read_text())["foot"]["as_of"]
        assert f"<strong>{day}</strong>" in (out / f"{report}.html").read_text()
        assert day in days
    assert sums_hold(out)
    assert leftovers(out) == []
    tally("renders at once tried", 2)
    tally("reports lost", 0)


# --- clocks, zones, languages, homes, paths ------------------------------------------------

#: The system's clock as any program sees it: it goes backwards, an hour a second.
CLOCK = r"""
#include <sys/time.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static long long back(void) {
    struct timespec run;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &run);
    return 4000000000000000000LL - 3600 * (run.tv_sec * 1000000000LL + run.tv_nsec) % 1000000000000000000LL;
}
int clock_gettime(clockid_t which, struct timespec *told) {
    if (which != CLOCK_REALTIME && which != CLOCK_REALTIME_COARSE)
        return syscall(SYS_clock_gettime, which, told);
    told->tv_sec = back() / 1000000000LL;
    told->tv_nsec = back() % 1000000000LL;
    return 0;
}
int gettimeofday(struct timeval *told, void *zone) {
    told->tv_sec = back() / 1000000000LL;
    told->tv_usec = back() % 1000000000LL / 1000;
    return 0;
}
time_t time(time_t *told) {
    time_t now = back() / 1000000000LL;
    if (told) *told = now;
    return now;
}
"""


@pytest.fixture
def clock(tmp_path: Path) -> str:
    """A library that turns the clock back in every program that loads it."""
    compiler = shutil.which("cc")
    if not compiler or not ctypes.util.find_library("c"):
        pytest.skip("no C compiler to make a clock with")
    source, library = tmp_path / "clock.c", tmp_path / "clock.so"
    source.write_text(CLOCK)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True, timeout=60)
    code = "import time; a = time.time(); time.sleep(0.01); print(a > time.time() > 3e9)"
    env = {**os.environ, "LD_PRELOAD": str(library)}
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
    if ran.stdout != b"True\n":
        pytest.skip("this system's programs do not let their clock be changed")
    return str(library)


DATED = """
import datetime as dt, time
say("Of {n:,} cars.", n=ledger.quantity("sales", "cars", "2023"))
assert (dt.date(2024, 1, 31) - dt.date(2023, 12, 31)).days == 31
"""


def tables(desk: Path, facts: list[dict[str, Any]]) -> None:
    labels = [{"label": "İstanbul ışık IĞDIR, 日産"}, {"entity": "vans", "label": "Vans"}]
    small_data.write(desk.parent / "data", facts=facts, entities=labels)


def test_a_clock_that_goes_backwards(desk: Path, tmp_path: Path, clock: str, tally: Tally) -> None:
    """Also files from the future: the same bytes, and a change of the data is seen."""
    speaking(desk, DATED)
    tables(desk, [{}])
    first, then = tmp_path / "first", tmp_path / "then"
    day = 4_000_000_000  # in 2096
    for path in (*desk.iterdir(), *desk.parent.glob("data/**/*.csv")):
        os.utime(path, (day, day))
    order = ("render", "china-sales", "--formats", "html,pdf,facts,notebook")
    ran = run(*order, "--out", first, "--timeout", "60", LD_PRELOAD=clock)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    for path in (*first.iterdir(), *(tmp_path / "cache").iterdir()):
        os.utime(path, (day, day))
    assert "nothing has changed" in run(*order, "--out", first, "--timeout", "60").stdout
    assert run(*order, "--fresh", "--out", then).returncode == 0
    assert [p.read_bytes() for p in sorted(first.iterdir())] == [
        p.read_bytes() for p in sorted(then.iterdir())
    ]
    tables(desk, [{"value": "2000"}])
    os.utime(desk.parent / "data" / "facts" / "all.csv", (day - 9, day - 9))
    ran = run(*order, "--out", first, "--timeout", "60", LD_PRELOAD=clock)
    assert "made  " in ran.stdout
    assert "2,000" in (first / "china_sales.html").read_text()
    # a cell that never ends is still ended
    tiny.write(desk, "alliances", "import time\ntime.sleep(100)")
    order = ("render", "alliances", "--out", then, "--timeout", "1")
    ran = run(*order, LD_PRELOAD=clock, NISSAN_ANALYSIS_WARM="0")
    assert "took longer than it may" in ran.stdout
    tally("clocks, zones, languages and homes tried", 3)


#: Every whole hour from twelve behind to fourteen ahead, and none of them needs a list of zones.
ZONES = [f"ZONE{hours:+d}" for hours in range(12, -15, -1)]


def test_every_time_zone(
    desk: Path, warm: None, monkeypatch: pytest.MonkeyPatch, tally: Tally
) -> None:
    """From twelve hours behind to fourteen ahead: the same bytes, though the kernel is in the zone."""
    told = desk.parent / "zones"
    speaking(desk, f"{DATED}\nprint(time.timezone, file=open({str(told)!r}, 'a'))")
    seen = set()
    for zone in ZONES:
        with monkeypatch.context() as patch:
            patch.setenv("TZ", zone)
            time.tzset()
            made = apart.produce(running.task("china_sales", {}, ("html", "pdf", "facts")))
        assert isinstance(made, making.Made), made
        seen.add(tuple(made.files.values()))
    time.tzset()
    assert len(seen) == 1
    hours = [int(seconds) // 3600 for seconds in told.read_text().split()]
    assert hours == list(range(12, -15, -1))
    tally("clocks, zones, languages and homes tried", len(ZONES))


@pytest.fixture(scope="module")
def turkish(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A Turkish locale of one byte a letter, in which Japanese cannot be written."""
    folder = tmp_path_factory.mktemp("locales")
    if shutil.which("localedef"):
        name = folder / "tr_TR.ISO-8859-9"
        made = ["localedef", "-i", "tr_TR", "-f", "ISO-8859-9", str(name)]
        subprocess.run(made, capture_output=True, check=False, timeout=60)
    env = {"LOCPATH": str(folder), "LC_ALL": "tr_TR.ISO-8859-9", "PYTHONUTF8": "0"}
    code = "import locale, sys; locale.setlocale(locale.LC_ALL, ''); print(sys.stdout.encoding)"
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=False)
    if ran.stdout.strip().lower() != b"iso8859-9":
        pytest.skip("no Turkish locale can be made here")
    return env


ORDER = ("render", "china-sales", "--formats", "html,pdf,facts,notebook", "--out")


@pytest.fixture
def reference(desk: Path, tmp_path: Path) -> dict[str, bytes]:
    """A report made in the usual way, which every other way must give again."""
    speaking(desk, DATED)
    tables(desk, [{}])
    ran = run(*ORDER, tmp_path / "reference", NISSAN_ANALYSIS_WARM="0")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return {path.name: path.read_bytes() for path in (tmp_path / "reference").iterdir()}


def made_in(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir()}


def test_languages_and_paths(
    desk: Path,
    tmp_path: Path,
    reference: dict[str, bytes],
    turkish: dict[str, str],
    tally: Tally,
) -> None:
    """No language, with every path in Japanese; then Turkish, whose small I has no dot."""
    place = tmp_path / "日産 自動車" / "{as_of} çok 'ılık'"
    place.mkdir(parents=True)
    for name in ("notebooks", "data"):
        shutil.copytree(tmp_path / name, place / f"{name} の場所")
    (place / "一時").mkdir()
    paths = {
        "NISSAN_ANALYSIS_NOTEBOOKS": str(place / "notebooks の場所"),
        "NISSAN_ANALYSIS_DATA": str(place / "data の場所"),
        "NISSAN_ANALYSIS_CACHE": str(place / "取り置き"),
        "TMPDIR": str(place / "一時"),
    }
    none = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for number, language in enumerate((none, turkish)):
        out = place / f"報告書 {number}"
        ran = run(*ORDER, out, "--fresh", **paths, **language)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert "Traceback" not in ran.stderr
        assert "1 of 1 reports" in ran.stdout
        assert made_in(out) == reference
        tally("clocks, zones, languages and homes tried", 1)
        if number:
            ran = run("facts", "sales", **paths, **language)  # said in letters that there are
            assert "Error" not in ran.stderr
            assert ran.returncode == 0
            assert "1,000" in ran.stdout
    assert list((place / "一時").iterdir()) == []
    assert len(list((place / "取り置き").glob("*.report"))) == 1


def test_a_long_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of few letters that are many bytes, where a socket's name has room for a hundred."""
    with tempfile.TemporaryDirectory(prefix="一時" * 13) as folder:
        assert len(folder) < 50 < 90 < len(os.fsencode(folder))
        monkeypatch.setattr(tempfile, "tempdir", folder)
        server = kernels.Forkserver()
        assert server.lives()
        server.stop()
        assert list(Path(folder).iterdir()) == []


def as_nobody() -> list[str]:
    """What to put before a command that is to run as a user whom the system does not know."""
    before = ["setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups"]
    before += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    code = "import os, nissan_analysis; print(os.path.expanduser('~'))"
    env = {name: value for name, value in os.environ.items() if name != "HOME"}
    try:
        ran = subprocess.run(
            [*before, sys.executable, "-c", code], env=env, capture_output=True, check=False
        )
    except FileNotFoundError:
        return []
    return before if ran.stdout.strip() == b"~" else []


def test_without_a_home(
    desk: Path, tmp_path: Path, reference: dict[str, bytes], tally: Tally
) -> None:
    """A home that is not there; and a user who has none, as in many containers."""
    nowhere = tmp_path / "file"
    nowhere.touch()
    missing = {"HOME": str(nowhere / "home"), "USER": "nobody", "LOGNAME": "nobody"}
    unset = {"NISSAN_ANALYSIS_CACHE": None, "XDG_CACHE_HOME": None, "MPLCONFIGDIR": None}
    out, temporary = tmp_path / "one", tmp_path / "temporary"
    temporary.mkdir()
    ran = run(*ORDER, out, **missing, **unset, TMPDIR=str(temporary))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert list(temporary.iterdir()) == []
    assert "Traceback" not in ran.stderr  # matplotlib says where its own cache is then
    assert made_in(out) == reference
    tally("clocks, zones, languages and homes tried", 1)
    before = as_nobody()
    if not before:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        for here in ("notebooks", "data"):
            shutil.copytree(tmp_path / here, folder / here)
        env = {k: v for k, v in os.environ.items() if k not in ("HOME", "USER", "LOGNAME", *unset)}
        env |= {f"NISSAN_ANALYSIS_{n.upper()}": str(folder / n) for n in ("notebooks", "data")}
        env["TMPDIR"] = str(folder)
        done = subprocess.run(
            [*before, *line(*ORDER, folder / "out")],
            env=env,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert made_in(folder / "out") == reference
        assert sorted(path.name for path in folder.iterdir()) == ["data", "notebooks", "out"]
    tally("clocks, zones, languages and homes tried", 1)


# --- much data -----------------------------------------------------------------------------


def many(folder: Path, count: int) -> None:
    """Facts of `count` / 20 vans, twenty years of each, beside those of the cars."""
    vans = [{"entity": f"van{n}", "label": f"Van {n}"} for n in range(count // 20)]
    facts: list[dict[str, Any]] = [{}] + [
        {
            "entity": f"van{n // 20}",
            "value": str(n),
            "period_start": f"{2000 + n % 20}-01-01",
            "period_end": f"{2000 + n % 20}-12-31",
        }
        for n in range(count - 1)
    ]
    small_data.write(folder, entities=[{}, *vans], facts=facts)


def test_much_data(desk: Path, warm: None, tally: Tally) -> None:
    """Ten times the facts are ten times the work, not a hundred; and a report is made of them."""
    folder = desk.parent / "data"
    calls = []
    for count in (5_000, 50_000):
        many(folder, count)
        profile = cProfile.Profile(builtins=False)
        ledger = profile.runcall(Ledger.load, data=folder)
        assert len(ledger.facts) == count
        assert profile.runcall(ledger.series, "sales", "van7").points[-1].quantity.value == 159
        profile.create_stats()
        calls.append(sum(entry[1] for entry in profile.stats.values()))  # type: ignore[attr-defined]
    assert calls[0] > 5_000, "nothing was counted"
    assert calls[1] < 11 * calls[0], calls
    speaking(desk, 'say("Of {n:,} vans.", n=ledger.quantity("sales", "van2499", "2018"))')
    made = apart.produce(running.task("china_sales", {}, ("html", "pdf", "facts")))
    assert isinstance(made, making.Made), made
    assert b"49,998" in made.files["html"]
    tally("facts loaded at once", 50_000)


# --- interruptions -------------------------------------------------------------------------

#: How often from the first line of Python on, and how often from a process that has imported all.
TRIES = {"whole": 5, "forked": 45}
QUIET = {
    "",
    "nissan-analysis: Interrupted.\n",
    "nissan-analysis: Interrupted; the reports that were there are whole.\n",
}
#: Forks the command line on request, which would else have to be imported each time.
DRIVER = """
import os, signal, sys
from nissan_analysis import cache, canonical, cli, document, ledger, making, pools, progress, running
print("ready", flush=True)
for asked in sys.stdin:
    log, *arguments = asked.rstrip("\\n").split("\\t")
    pid = os.fork()
    if pid == 0:
        os.setsid()
        for number in (1, 2):
            os.dup2(os.open(f"{log}.{number}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        try:
            cli.main(arguments)
        except SystemExit as ended:
            os._exit(ended.code)
        except BaseException as error:
            os._exit(130 if isinstance(error, KeyboardInterrupt) else 99)
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""
Started = tuple[int, Callable[[], tuple[int, str]]]


@pytest.fixture
def starters(tmp_path: Path) -> Iterator[dict[str, Callable[[list[str]], Started]]]:
    """Two ways to begin a command in a session of its own; its process id, and a wait for its end."""
    log = tmp_path / "log"
    with subprocess.Popen(
        [sys.executable, "-c", DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as driver:
        assert driver.stdin and driver.stdout
        told, asked = driver.stdout, driver.stdin
        assert told.readline() == "ready\n"

        def whole(order: list[str]) -> Started:
            with Path(f"{log}.2").open("w") as errors:
                process = subprocess.Popen(
                    line(*order), stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
                )
            return process.pid, lambda: (process.wait(60), Path(f"{log}.2").read_text())

        def forked(order: list[str]) -> Started:
            asked.write("\t".join([str(log), *order]) + "\n")
            asked.flush()
            pid = int(told.readline())
            return pid, lambda: (int(told.readline()), Path(f"{log}.2").read_text())

        yield {"whole": whole, "forked": forked}
        asked.close()


def test_interrupted_at_any_moment(
    desk: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tally: Tally,
    request: pytest.FixtureRequest,
) -> None:
    """Fifty times, at random moments and in three ways: nothing is half, nothing is left behind."""
    chance = random.Random(20240229)
    reports = ("china_sales", "alliances")
    for report in reports:
        tiny.write(desk, report)
    out, new, temporary = (tmp_path / name for name in ("out", "new", "temporary"))
    temporary.mkdir()
    order = ["render", "china-sales", "alliances", "--formats", "html,facts", "--fresh", "--out"]
    ended: list[int] = []
    noisy: list[str] = []

    def begin() -> dict[Path, bytes]:
        shutil.rmtree(out, ignore_errors=True)
        old_reports(out, *reports)
        (out / "index.html").write_bytes(b"old index")
        found = {p.name: manifest.digest(c) for p, c in contents(out).items()}
        (out / manifest.NAME).write_bytes(manifest.renewed(b"", out, found))
        return contents(out)

    def judge(pid: int, code: int, said: str, old: dict[Path, bytes]) -> None:
        found = contents(out)
        assert leftovers(tmp_path) == []
        assert sums_hold(out)
        for report in reports:
            names = [f"{report}{ending}" for ending in (".html", ".facts.json")]
            now = [found[out / name] for name in names]
            assert now in ([old[out / n] for n in names], [whole[new / n] for n in names])
        assert found[out / "index.html"] == b"old index", "the front door is of all five reports"
        wait_for(lambda: not disks.session(pid))
        wait_for(lambda: not disks.children(server))
        if code in (0, 130):
            noisy.append(said)
        else:  # before Python could listen
            assert code in (-signal.SIGINT, -signal.SIGTERM, 1)
            assert found == old

    with kernels.warm():
        folder = Path(os.environ[kernels.ADDRESS]).parent
        among = disks.named("nissan_analysis.forking", among=disks.children(os.getpid()))
        (server,) = (pid for pid in among if Path(f"/proc/{pid}/cwd").resolve() == folder.resolve())
        monkeypatch.setenv("TMPDIR", str(temporary))
        starters = request.getfixturevalue("starters")
        for way, tries in TRIES.items():
            start = time.monotonic()
            code, said = starters[way]([*order, str(new)])[1]()
            longest = time.monotonic() - start
            assert (code, said) == (0, "")
            whole = contents(new)
            assert sums_hold(new)
            for _ in range(tries):
                old = begin()
                pid, wait = starters[way]([*order, str(out)])
                time.sleep(chance.uniform(0, longest))
                how = chance.choice([signal.SIGINT, signal.SIGTERM])
                with contextlib.suppress(ProcessLookupError):
                    if chance.random() < 0.5:
                        os.killpg(pid, how)
                    else:
                        os.kill(pid, how)
                code, said = wait()
                judge(pid, code, said, old)
                ended.append(code)
    assert ended.count(130) > len(ended) / 3, "were they at random moments?"
    # Python prints an interruption that comes while it frees something, and goes on: rare, and not to
    # be ruled out. Nor is a temporary folder that is left; but no kernel's keys may lie about.
    assert len([said for said in noisy if said not in QUIET]) < 5, noisy
    assert list(temporary.glob("*.json")) == []
    kept = cache.Cache()
    for task in (running.task(name, {}, ("html", "facts")) for name in reports):
        made = kept.get(task)
        assert made is not None
        assert made.files["html"] == whole[new / f"{task.stem}.html"]
    assert {path.suffix for path in kept.place.iterdir()} <= {".report", ".page", ".note"}
    (out / "china_sales.html").unlink()
    assert run(*order[:-2], "--out", out).returncode == 0
    assert contents(out) == {out / path.name: content for path, content in whole.items()} | {
        path: content for path, content in old.items() if path.suffix == ".pdf"
    } | {out / name: (out / name).read_bytes() for name in (manifest.NAME, "index.html")}
    assert sums_hold(out)
    tally("interruptions survived", len(ended))
    tally("reports lost", 0)
