"""Reports made in processes of their own, forked and fresh, beside real kernels."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import papermill
import pytest

import disks
import tiny
from disks import wait_for
from nissan_analysis import apart, canonical, executing, forking, kernels, making, places, running

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="/proc and forks are Linux's"),
]


@pytest.fixture(scope="module")
def warm() -> Iterator[None]:
    with kernels.warm():
        yield


@pytest.fixture(params=["forked", "fresh"])
def way(request: pytest.FixtureRequest, warm: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to come by a process."""
    if request.param == "fresh":
        monkeypatch.setenv(kernels.SWITCH, "0")
        monkeypatch.delenv(kernels.ADDRESS)
    return str(request.param)


def made(report: str = "china_sales", **more: Any) -> making.Made | making.Failure:
    task = running.task(report, more.pop("parameters", {}), ("notebook",), **more)
    return apart.produce(task)


def notebook(outcome: making.Made | making.Failure) -> str:
    assert isinstance(outcome, making.Made), outcome
    return outcome.files["notebook"].decode()


def in_a_kernel(report: str, folder: Path) -> str:
    """The executed notebook as papermill makes it in a kernel, in canonical form."""
    empty = folder / "empty"
    empty.mkdir()
    values = dict(running.task(report, {}).parameters)
    with executing.kernel_environment(folder):
        nb = papermill.execute_notebook(
            str(places.notebook(report)), None, values, kernel_name="python3", language="python", progress_bar=False,
            cwd=empty,
        )  # fmt: skip
    return canonical.as_text(canonical.tidy(nb))


#: What a cell can do that is seen in its outputs.
ODD = [
    "print('out'); print('more', end='')\nimport sys\nprint('error', file=sys.stderr)\nprint('out again')\n1 + 1",
    (
        "from IPython.display import clear_output, update_display, HTML\nprint('gone'); clear_output(); print('kept')\n"
        "display({'text/plain': 'first'}, raw=True, display_id='x')\nprint('between')\n"
        "update_display({'text/plain': 'second'}, raw=True, display_id='x')\nHTML('<b>end</b>')"
    ),
    "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
    "import pandas as pd\npd.DataFrame([range(40)])",
    "import asyncio\nawait asyncio.sleep(0)\n_, list(Out), len(In), __name__",
    "%xmode",
    "!echo from a shell",
    "class Car: pass\nimport pickle\npickle.loads(pickle.dumps(Car())).__class__, get_ipython().__class__.__name__",
]


def test_the_outputs_of_a_kernel(way: str, desk: Path, tmp_path: Path) -> None:
    tiny.write(desk, "china_sales", *ODD)
    text = notebook(made())
    assert "from a shell" in text
    assert "image/png" in text
    assert text == in_a_kernel("china_sales", tmp_path)


@pytest.mark.parametrize("report", ["restructuring", "plant"])
def test_the_real_notebooks_as_in_a_kernel(report: str, warm: None, tmp_path: Path) -> None:
    assert notebook(made(report)) == in_a_kernel(report, tmp_path)


def test_wherever_a_process_dies(way: str, desk: Path) -> None:
    tiny.write(desk, "china_sales", "import os\nos._exit(0)")
    outcome = made()
    assert isinstance(outcome, making.Failure)
    assert outcome.message.startswith("china_sales.ipynb: its process died in cell 3 (import os); ")
    # after its last cell, while the report is written
    kill = "import os, threading\nthreading.Timer(0.5, os.abort).start()\n"
    slow = "import nissan_analysis.making as m, time\nm._reads = lambda nb: time.sleep(60)"
    tiny.write(desk, "china_sales", kill + slow)
    outcome = made()
    assert isinstance(outcome, making.Failure)
    assert outcome.message.startswith("Its process was killed; ")


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("import time; time.sleep(60)", True),
        ("while True: pass", True),
        ("while True:\n    try:\n        import time; time.sleep(60)\n    except BaseException: pass", False),
        ("import itertools; all(itertools.repeat(1))", False),  # holds the interpreter until the end
    ],
)  # fmt: skip
def test_a_cell_without_an_end(
    way: str, desk: Path, cell: str, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "GRACE", 0.5)
    tiny.write(desk, "china_sales", "print('before')", cell)
    outcome = made(timeout=2)
    assert isinstance(outcome, making.Failure)
    assert "cell 4 (" in outcome.message
    assert "took longer than it may. Allow more seconds with --timeout." in outcome.message
    assert ("before" in outcome.executed) == kept, "its notebook, as far as it ran"


def test_nobody_is_there_to_answer(way: str, desk: Path) -> None:
    tiny.write(desk, "china_sales", "input('Which car? ')")
    outcome = made(timeout=20)
    assert isinstance(outcome, making.Failure)
    assert "In [4]) failed, line 1: input('Which car? ')\nEOFError" in outcome.message


def test_the_time_is_that_of_one_cell(way: str, desk: Path) -> None:
    tiny.write(desk, "china_sales", *["import time; time.sleep(1)"] * 4)
    assert isinstance(made(timeout=3), making.Made)


def test_what_is_left_behind(
    way: str, desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread, a process, files, words past Python's streams: none of it lives on, none is an answer."""
    place, marker = tmp_path / "temporary", tmp_path / "child"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    cell = (
        "import os, subprocess, sys, tempfile, threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,)).start()\n"
        f"open({str(marker)!r}, 'w').write(str(subprocess.Popen(['sleep', '60']).pid))\n"
        "tempfile.mkdtemp(); open('here', 'w').write('x'); os.write(1, b'noise'); sys.__stdout__.write('noise')"
    )
    tiny.write(desk, "china_sales", cell)
    before = disks.children(os.getpid())
    assert isinstance(made(), making.Made)
    assert list(place.iterdir()) == []
    left = disks.children(os.getpid()) - before
    assert not {pid for pid in left if "nissan_analysis" in disks._told(pid, "cmdline")}
    wait_for(lambda: disks._told(int(marker.read_text()), "cmdline") == "")


def test_it_ends_with_the_process_it_comes_from(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose end once left it at work, and its report waited for."""
    monkeypatch.delenv(kernels.ADDRESS, raising=False)
    marker = tmp_path / "pid"
    cell = f"import os, time\nopen({str(marker)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
    tiny.write(desk, "china_sales", cell)
    told = list[Any]()
    with kernels.warm():
        thread = threading.Thread(target=lambda: told.append(made()))
        thread.start()
        wait_for(lambda: marker.exists() and marker.read_text())
        pid = int(marker.read_text())
        stat = disks._told(pid, "stat").rpartition(")")[2].split()
        os.kill(int(stat[1]), signal.SIGKILL)
        thread.join(20)
    assert [type(one) for one in told] == [making.Failure]
    assert disks._told(pid, "cmdline") == ""


def test_an_end_that_crosses_a_question() -> None:
    """The server once ended by it, and left its forks behind."""
    server = forking.Server.__new__(forking.Server)
    server.forks = {}
    server._asked(1)


def test_no_two_draw_the_same_numbers(way: str, desk: Path) -> None:
    code = (
        "import random, uuid, numpy as np\n"
        "print(random.random(), np.random.rand(), np.random.default_rng().random(), uuid.uuid4())"
    )
    tiny.write(desk, "china_sales", code)
    one, two = (
        next(o["text"] for c in json.loads(notebook(made()))["cells"] for o in c.get("outputs", []) if "text" in o)
        for _ in range(2)
    )  # fmt: skip
    assert len(one[0].split()) == 4
    assert not set(one[0].split()) & set(two[0].split())


def test_what_a_cell_has_forked_keeps_nobody_waiting(way: str, desk: Path) -> None:
    """A child that outlived its cell's process once held the pipe of its answers open."""
    cell = "import os, signal, time\nif os.fork() == 0: time.sleep(60)\nos.kill(os.getpid(), signal.SIGKILL)"
    tiny.write(desk, "china_sales", cell)
    begun = time.monotonic()
    outcome = made(timeout=50)
    assert isinstance(outcome, making.Failure)
    assert "its process died in cell 3" in outcome.message
    assert time.monotonic() - begun < 40


def test_odd_words_and_ends(way: str, desk: Path) -> None:
    """A cell that writes what is no text fails in its place; half a letter is written as its number."""
    same = "x = 1"
    tiny.write(
        desk,
        "china_sales",
        same,
        same,
        "print('\\ud800')",
        "exit()",
        "import sys; sys.stdout.write(b'x')",
    )
    outcome = made()
    assert isinstance(outcome, making.Failure)
    assert (
        "Cell 7 of china_sales.ipynb (In [8]) failed, line 1: import sys; sys.stdout.write(b'x')"
        in outcome.message
    )
    assert "\\\\ud800" in outcome.executed
    tiny.write(
        desk, "china_sales", same, same, "import os", same, "import os", "1 / 0", same, "1 / 0"
    )
    assert "Cell 8 of" in made().message  # type: ignore[union-attr]


def test_all_are_ended_at_once(way: str, desk: Path, tmp_path: Path) -> None:
    """Those that are at work, and one that begins when all is over."""
    marker = tmp_path / "pid"
    cell = f"import os, time\nopen({str(marker)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
    tiny.write(desk, "china_sales", cell)
    live, told = apart.Live(), list[Any]()
    task = running.task("china_sales", {}, ("html",))
    thread = threading.Thread(target=lambda: told.append(apart.produce(task, live)))
    thread.start()
    wait_for(lambda: marker.exists() and marker.read_text())
    live.end()
    thread.join(20)
    assert [type(one) for one in told] == [making.Failure]
    assert disks._told(int(marker.read_text()), "cmdline") == ""
    start = time.monotonic()
    assert isinstance(apart.produce(task, live), making.Failure)
    assert time.monotonic() - start < 30, "it ran to its end"


#: How many of the modules that are long to import a process has.
HAS = "import sys; print('has', len({'scipy.stats', 'seaborn', 'statsmodels.tsa.holtwinters'} & set(sys.modules)))"


def test_what_only_some_reports_use_is_imported_when_it_is_expected(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.write(desk, "alliances", HAS, "import time; time.sleep(1)")
    tiny.write(desk, "china_sales", HAS)
    monkeypatch.delenv(kernels.ADDRESS, raising=False)
    with kernels.warm():
        kernels.expect(["alliances", "china_sales"])
        assert "has 0" in notebook(made("alliances"))  # it was not made to wait for them
        # Imported while such a one was at work.
        wait_for(lambda: "has 3" in notebook(made("alliances")))
    with kernels.warm():
        assert "has 3" in notebook(made("china_sales"))  # not expected: imported for it


def test_what_cannot_be_imported_fails_only_who_uses_it(desk: Path, tmp_path: Path) -> None:
    tiny.write(desk, "alliances", "1 + 1")
    tiny.write(desk, "china_sales", "import statsmodels")
    broken = tmp_path / "broken" / "statsmodels"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('it is broken')")
    line = [
        sys.executable,
        "-m",
        "nissan_analysis",
        "render",
        "alliances",
        "china-sales",
        "--fresh",
    ]
    env = {k: v for k, v in os.environ.items() if k != kernels.ADDRESS}
    env |= {"PYTHONPATH": str(broken.parent), "NISSAN_ANALYSIS_NOTEBOOKS": str(desk)}
    done = subprocess.run(
        [*line, "--out", str(tmp_path / "out")], capture_output=True, text=True, env=env
    )
    assert done.returncode == 1
    assert "it is broken" in done.stdout, done.stdout + done.stderr
    assert "1 of 2 reports" in done.stdout
    assert (tmp_path / "out" / "alliances.pdf").is_file()


def test_a_server_that_cannot_be_started_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    monkeypatch.delenv(kernels.ADDRESS, raising=False)
    monkeypatch.setattr(kernels, "_said", set())
    kernels.ahead()
    with kernels.warm():
        assert list(tmp_path.iterdir()) == []


def test_it_is_known_what_each_report_imports() -> None:
    """After the imports of the process that is forked from, a report has only small ones of its own."""
    code = """
import importlib, json, os, sys, tempfile
from nissan_analysis import forking, making
forking.preload()
told = {}
for report in json.loads(sys.argv[1]):
    ours, theirs = os.pipe()
    if os.fork() == 0:
        os.chdir(tempfile.mkdtemp())
        os.environ["NISSAN_ANALYSIS_BATCH"] = "1"
        forking.load(forking.SELDOM.get(report, ()))
        before = set(sys.modules)
        made = making.make(making.task(report, {}), lambda *_: None)
        assert isinstance(made, making.Made), made.message
        os.write(theirs, json.dumps(sorted(set(sys.modules) - before)).encode())
        os._exit(0)
    os.close(theirs)
    told[report] = json.loads(os.fdopen(ours).read())
    os.wait()
print(json.dumps(told))
"""
    line = [sys.executable, "-c", code, json.dumps([*places.REPORTS, "plant"])]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    assert len(told) == 6
    for report, modules in told.items():
        assert len(modules) < 15, (report, modules)


@pytest.mark.parametrize("more", [[], ["--jobs", "x"]])
def test_what_was_started_ahead_in_vain_leaves_nothing(more: list[str], tmp_path: Path) -> None:
    """A process to fork from is begun with the command, which then may need none."""
    line = [sys.executable, "-m", "nissan_analysis", "render", "no-such-report", *more]
    unwanted = (kernels.ADDRESS, kernels.SWITCH)
    env = {k: v for k, v in os.environ.items() if k not in unwanted} | {"TMPDIR": str(tmp_path)}
    done = subprocess.run(line, capture_output=True, text=True, env=env)
    assert done.returncode == 2, done.stderr
    assert list(tmp_path.iterdir()) == []
    living = [cwd.readlink() for cwd in Path("/proc").glob("[0-9]*/cwd") if os.access(cwd, os.R_OK)]
    assert not [folder for folder in living if str(folder).startswith(str(tmp_path))]
