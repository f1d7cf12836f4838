"""Small real disks and real limits, for tests of what happens where there is no room."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

#: As root, or as who may become root without a password (a hosted runner).
_AS_ROOT = [[], ["sudo", "-n"]]


def _as_root(*line: str) -> bool:
    """Whether `line` could be run with the rights it needs."""
    for before in _AS_ROOT:
        if before and not shutil.which(before[0]):
            continue
        ran = subprocess.run([*before, *line], capture_output=True, check=False)
        if ran.returncode == 0:
            return True
    return False


@contextmanager
def disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of its own at `folder`, in memory; the test is skipped where none may be mounted."""
    folder.mkdir()
    option = f"size={size},mode=0777"
    if not _as_root("mount", "-t", "tmpfs", "-o", option, "tmpfs", str(folder)):
        pytest.skip("no disk can be mounted here: that takes root")
    try:
        yield folder
    finally:
        _as_root("umount", "-l", str(folder))


def only_read(folder: Path) -> None:
    """Make a disk of `disk` one that can only be read."""
    assert _as_root("mount", "-o", "remount,ro", str(folder))


@contextmanager
def immutable(path: Path) -> Iterator[None]:
    """A file that nobody may change, replace or link to."""
    if not shutil.which("chattr") or not _as_root("chattr", "+i", str(path)):
        pytest.skip("no file can be made immutable here: that takes root, and a disk that knows it")
    try:
        yield
    finally:
        _as_root("chattr", "-i", str(path))


def fill(folder: Path) -> None:
    """Leave no byte free on the disk of `folder`."""
    with (folder / "filler").open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(b"x" * 4096)
        except OSError:
            return


def children(pid: int) -> set[int]:
    """The processes that `pid` started, and that those started, and so on."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*"):
        stat = _told(int(path.name), "stat").rpartition(")")[2].split()
        if stat:
            parents[int(path.name)] = int(stat[1])
    found: set[int] = set()
    new = {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new} - found
        found |= new
    return found


def named(mark: str, among: Iterable[int]) -> list[int]:
    """Those of some processes in whose command line `mark` stands."""
    return [pid for pid in among if mark in _told(pid, "cmdline")]


def session(leader: int) -> list[int]:
    """The living processes of the session that `leader` began."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        stat = _told(int(path.name), "stat").rpartition(")")[2].split()
        if stat and stat[0] != "Z" and int(stat[3]) == leader:
            found.append(int(path.name))
    return found


def _told(pid: int, what: str) -> str:
    try:
        return (Path("/proc") / str(pid) / what).read_text(errors="replace")
    except OSError:
        return ""


def wait_for(happened: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
