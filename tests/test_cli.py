"""The command line: what it prints, and its exit codes. Rendering is in test_running."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from nissan_analysis import cli
from nissan_analysis.parameters import MODELS


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.run(list(arguments))
    out, err = capsys.readouterr()
    return code, out, err


def command(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "nissan_analysis", *arguments]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False, **more)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize("report", MODELS)
def test_help_shows_every_parameter(report: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "render", report, "--help")
    assert code == 0
    for name in MODELS[report].model_fields:
        assert f"--{name.replace('_', '-')}" in out
    assert "[default:" in out


def test_nothing_heavy_is_imported_for_help() -> None:
    code = (
        "import sys; from nissan_analysis import cli; cli.run(['--help']); "
        "print([m for m in ('pandas', 'matplotlib', 'papermill', 'nbformat') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_version() -> None:
    assert command("--version").stdout == "0.1.0\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rendr"], 'Did you mean "render"?'),
        (["render", "--jobs", "x"], "--jobs"),
        (["render", "china-sales", "--as-of"], "requires an argument"),
        (["facts", "sakura", "--as-of", "soon"], "expected a date such as 2024-03-31"),
    ],
)
def test_wrong_use(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys, *arguments)
    assert (code, out) == (2, "")
    assert words in err


def test_check(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "check")
    assert "no fault." in out
    assert code == 0


def test_facts(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "facts", "sakura", "list_price", "--limit", "2")
    assert code == 0
    assert "sakura" in out
    assert "see more with --limit" in out
    assert said(capsys, "facts", "no such thing")[0] == 1
    assert said(capsys, "facts", "sakura", "sales", "--as-of", "2021-01-01")[0] == 1


def test_bad_data_is_told_in_full(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NISSAN_ANALYSIS_DATA", str(tmp_path))
    code, _, err = said(capsys, "check")
    assert code == 1
    assert "NISSAN_ANALYSIS_DATA is set to" in err


def test_a_closed_pipe_is_no_error() -> None:
    line = f"{sys.executable} -m nissan_analysis facts sales --limit 3000 | head -1"
    ran = subprocess.run(line, shell=True, capture_output=True, text=True, check=True)
    assert ran.stderr == ""


def test_lab_opens_the_notebooks(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda path, line: called.append(line))
    assert cli.run(["lab", "--no-browser"]) == 0
    assert called[0][1:4] == ["-m", "jupyterlab", "--no-browser"]
    assert called[0][-1].endswith("notebooks/explore.ipynb")
