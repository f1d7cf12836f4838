"""Rendering: real papermill and real processes on small made-up notebooks."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

import tiny
from nissan_analysis import canonical, cli, executing, files, running
from nissan_analysis.parameters import ParameterError
from nissan_analysis.places import PlaceError

pytestmark = pytest.mark.slow


def old_reports(out: Path, *reports: str) -> dict[Path, bytes]:
    """Reports of an earlier day in `out`."""
    out.mkdir(exist_ok=True)
    for report in reports:
        for ending in (".html", ".pdf", ".facts.json"):
            (out / f"{report}{ending}").write_bytes(b"old " + ending.encode())
    return contents(out)


def contents(out: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(out.iterdir())}


def command(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "nissan_analysis", *map(str, arguments)]
    return subprocess.run(
        line, env={**os.environ, **more}, capture_output=True, text=True, timeout=120, check=False
    )


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_report(desk: Path, tmp_path: Path) -> None:
    tiny.write(desk, "china_sales", 'speak("prose", f"Since **{first_year}**: {peers}.")')
    out = tmp_path / "out"
    result = running.render("china-sales", {"first_year": "2015", "peers": "byd"}, out)
    assert sorted(path.name for path in out.iterdir()) == [
        "china_sales.facts.json",
        "china_sales.html",
        "china_sales.pdf",
    ]
    html = result.files["html"].read_text()
    assert "<strong>2015</strong>" in html
    assert "byd" in html
    assert result.files["pdf"].read_bytes().startswith(b"%PDF-")


def test_two_renders_give_the_same_bytes(desk: Path, tmp_path: Path) -> None:
    cell = 'import os\nspeak("prose", str({f"{n}" for n in range(40)}))'
    for report in ("china_sales", "alliances"):
        tiny.write(desk, report, cell)
    first, second = tmp_path / "one", tmp_path / "two and more"
    formats = "html,pdf,facts,notebook"
    arguments = ("render", "china-sales", "alliances", "--formats", formats, "--out")
    one = command(*arguments, first, "--jobs", "1", PYTHONHASHSEED="1", MPLBACKEND="Agg")
    two = command(*arguments, second, "--jobs", "2", PYTHONHASHSEED="2", TZ="Asia/Tokyo")
    assert one.returncode == two.returncode == 0, one.stderr + two.stderr
    assert len(list(first.iterdir())) == 2 * 4 + 1, "files, hashes"
    for path in first.iterdir():
        content = path.read_bytes()
        assert content == (second / path.name).read_bytes(), path.name
        for secret in (str(tmp_path), sys.prefix, str(Path.home())):
            assert f"{secret}/".encode() not in content, f"{path.name} holds {secret}"


def test_a_failing_cell(desk: Path, tmp_path: Path) -> None:
    path = tiny.write(desk, "china_sales", "x = 1", "y = 0\nz = x / y\n", "never = 1")
    tiny.write(desk, "alliances")
    out = tmp_path / "out"
    old = old_reports(out, "china_sales", "briefing")
    ran = command("render", "china-sales", "alliances", "--out", out)
    assert ran.returncode == 1
    said = ran.stdout
    assert "china_sales: Cell 4 of china_sales.ipynb (In [5]) failed, line 2: z = x / y" in said
    assert "ZeroDivisionError: division by zero" in said
    assert "1 of 2 reports" in said
    assert "Traceback" not in said + ran.stderr
    assert contents(out) | old == contents(out), "an old report was touched"
    assert (out / "alliances.html").exists(), "the other report of the batch was not made"
    kept = Path(said.split("The notebook as far as it ran: ")[1].split("\n")[0])
    nb = nbformat.read(kept, as_version=4)
    assert any(o.output_type == "error" for c in nb.cells for o in c.get("outputs", []))
    assert (
        path.read_text()
        == tiny.write(desk, "china_sales", "x = 1", "y = 0\nz = x / y\n", "never = 1").read_text()
    )


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["china-sales", "--first-yaer", "2012"], 2, "Did you mean 'first_year'?"),
        (["china-sales", "--first-year", "010"], 2, "expected a whole number from 2010 to 2024"),
        (["china-sales", "--formats", "docx"], 2, "expected any of html, pdf, facts, notebook"),
        (["china-sales", "--jobs", "0"], 2, "--jobs"),
        (["brefing"], 2, "Did you mean 'briefing'?"),
        (["restructuring"], 1, "There is no notebook for the report 'restructuring'"),
        (
            ["china-sales", "restructuring"],
            1,
            "There is no notebook for the report 'restructuring'",
        ),
    ],
)
def test_wrong_use_runs_nothing(
    desk: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    marker = tmp_path / "ran"
    tiny.write(desk, "china_sales", f"open({str(marker)!r}, 'w')")
    out = tmp_path / "out"
    old = old_reports(out, "china_sales")
    assert cli.run(["render", *arguments, "--out", str(out)]) == code
    assert words in capsys.readouterr().err
    assert contents(out) == old
    assert not marker.exists()


@pytest.mark.parametrize("how", ["ctrl-c", "to the parent alone", "terminate"])
def test_interrupted(desk: Path, tmp_path: Path, how: str) -> None:
    marker = tmp_path / "kernel"
    cell = f"import os, time\nopen({str(marker)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
    for report in ("china_sales", "alliances"):
        tiny.write(desk, report, cell)
    out = tmp_path / "out"
    old = old_reports(out, "china_sales", "alliances")
    line = [
        sys.executable,
        "-X",
        "faulthandler",
        "-m",
        "nissan_analysis",
        "render",
        "china-sales",
        "alliances",
        "--out",
        str(out),
    ]
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        wait_for(lambda: marker.exists() and marker.read_text())
        if how == "ctrl-c":
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(signal.SIGTERM if how == "terminate" else signal.SIGINT)
        try:
            _, errors = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)  # then it says where it hangs
            pytest.fail(process.communicate()[1])
    assert process.returncode == 130
    assert errors == "nissan-analysis: Interrupted; the reports that were there are whole.\n"
    assert contents(out) == old
    wait_for(lambda: not alive(int(marker.read_text())))


def wait_for(happened: object, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not happened():  # type: ignore[operator]
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_a_dead_process_and_a_slow_cell(desk: Path, tmp_path: Path) -> None:
    tiny.write(desk, "china_sales", "import os\nos._exit(1)")
    tiny.write(desk, "alliances", "import time\ntime.sleep(50)")
    with pytest.raises(running.RenderError, match="its process died in cell 3"):
        running.render("china_sales", {}, tmp_path / "out")
    with pytest.raises(running.RenderError, match=r"cell 3 .* took longer than it may"):
        running.render("alliances", {}, tmp_path / "out", timeout=2)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("forked", ["0", "1"])
def test_a_killed_process_takes_no_other_report_with_it(
    desk: Path, tmp_path: Path, forked: str
) -> None:
    tiny.write(desk, "china_sales", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    tiny.write(desk, "alliances", "import time\ntime.sleep(2)")
    reports = ("china-sales", "alliances", "briefing")
    for report in reports[2:]:
        tiny.write(desk, report)
    arguments = ("render", *reports, "--out", tmp_path / "out", "--jobs", "2", "--formats", "html")
    ran = command(*arguments, NISSAN_ANALYSIS_WARM=forked)
    assert ran.returncode == 1
    assert "its process died in cell 3 (import os, signal)" in ran.stdout
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"alliances.html", "briefing.html"}


def test_a_full_disk(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    old = old_reports(out, "china_sales")
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if ".pdf" in path.name:
            write(path, content[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    made = running.Made("china_sales", {"html": b"new", "pdf": b"newer", "facts": b"newest"})
    with pytest.raises(running.RenderError, match="No space left on device"):
        running.deliver(made, out)
    assert contents(out) == old


def test_files_written_together_keep_the_usual_permissions(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        files.write_together({tmp_path / "a" / "x.html": b"x", tmp_path / "a" / "y.pdf": b"y"})
    finally:
        os.umask(mask)
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in (tmp_path / "a").iterdir()} == {
        "x.html": "0o644",
        "y.pdf": "0o644",
    }


def test_not_a_notebook(desk: Path, tmp_path: Path) -> None:
    (desk / "china_sales.ipynb").write_text("<<<<<<< HEAD\n")
    with pytest.raises(running.RenderError, match="is not a valid notebook"):
        running.render("china_sales", {}, tmp_path / "out")


@pytest.mark.parametrize(
    ("key", "words"),
    [("outputs", "is not a valid notebook"), ("nbformat", "does not know the parameters")],
)
def test_a_notebook_without_a_key(key: str, words: str, desk: Path, tmp_path: Path) -> None:
    path = tiny.write(desk, "china_sales", "1 + 1")
    nb = json.loads(path.read_text())
    for part in (nb, *nb["cells"]):
        part.pop(key, None)
    path.write_text(json.dumps(nb))
    with pytest.raises(running.RenderError, match=words):
        running.render("china_sales", {}, tmp_path / "out")


def test_a_notebook_that_does_not_know_a_parameter(desk: Path, tmp_path: Path) -> None:
    tiny.write(desk, "alliances", defaults=False)
    with pytest.raises(running.RenderError, match="does not know the parameter partners"):
        running.render("alliances", {}, tmp_path / "out")


def test_braces_in_a_path(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = tmp_path / "{as_of} and {}"
    odd.mkdir()
    monkeypatch.setenv("NISSAN_ANALYSIS_NOTEBOOKS", str(odd))
    tiny.write(odd, "china_sales")
    assert running.render("china_sales", {}, odd / "out").files["html"].exists()


def test_the_environment_is_given_back(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    before = dict(os.environ)
    with executing.kernel_environment(str(tmp_path)):
        assert os.environ["NISSAN_ANALYSIS_BATCH"] == "1"
        assert "MPLBACKEND" not in os.environ
    assert dict(os.environ) == before


def test_refresh_is_stable(desk: Path) -> None:
    path = tiny.write(desk, "china_sales", "print(1)\nprint(2)", "1 + 1")
    assert canonical.refresh(path)
    text = path.read_text()
    assert not canonical.refresh(path)
    assert path.read_text() == text
    nb = nbformat.read(path, as_version=4)
    assert [cell.execution_count for cell in nb.cells] == [1, 2, 3, 4, 5]
    assert nb.metadata == canonical.METADATA
    tiny.write(desk, "china_sales", "1 / 0")
    before = path.read_text()
    with pytest.raises(
        executing.NotebookError, match=r"Cell 3 of china_sales.ipynb failed, line 1: 1 / 0"
    ):
        canonical.refresh(path)
    assert path.read_text() == before


def test_no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NISSAN_ANALYSIS_NOTEBOOKS", str(tmp_path / "nowhere"))
    with pytest.raises(
        PlaceError, match=r"NISSAN_ANALYSIS_NOTEBOOKS is set to .*nowhere, which is not a folder"
    ):
        running.task("china_sales", {})
    with pytest.raises(ParameterError):
        running.task("china_sales", {"first_year": 1})


@pytest.mark.slow
def test_a_matplotlibrc_of_the_user_changes_nothing(tmp_path: Path) -> None:
    """Its colours once got into reports, and from there into the cache."""
    (tmp_path / "own").mkdir()
    rc = "savefig.facecolor: red\nlines.marker: o\naxes.titlepad: 30\npath.sketch: 2, 100, 2\n"
    (tmp_path / "own" / "matplotlibrc").write_text(rc)
    made = []
    for name, own in (("a", {}), ("b", {"MPLCONFIGDIR": str(tmp_path / "own")})):
        ran = command(
            "render", "plant", "--plant", "tochigi", "--fresh", "--formats", "html,facts",
            "--out", tmp_path / name, **own,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        made.append({path.name: text for path, text in contents(tmp_path / name).items()})
    assert made[0] == made[1]
