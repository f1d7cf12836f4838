"""Writing several files as one step, so that nobody ever sees half of a report."""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

#: What to write, or a function of what is there that gives it.
Content = bytes | Callable[[bytes], bytes]


def write_together(files: Mapping[Path, Content]) -> None:
    """Write each of `files` beside its target, then rename all of them.

    On a failure every target is what it was; an interruption waits until all is done. Two processes
    that write into one folder do so one after the other.

    Raises
    ------
    OSError
        When a file cannot be written (no space, no permission); it names the file.
    """
    folders = sorted({target.parent for target in files})
    with ExitStack() as stack:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(_alone_in(folder))
        stack.enter_context(undisturbed())
        parts: dict[Path, Path] = {}
        try:
            for target, content in files.items():
                _write_part(target, content, parts)
            _swap(parts)
        finally:
            for part in parts.values():
                part.unlink(missing_ok=True)


def _write_part(target: Path, content: Content, parts: dict[Path, Path]) -> None:
    if not isinstance(content, bytes):
        old = target.read_bytes() if target.is_file() else b""
        content = content(old)
        if content == old:
            return
    part = target.with_name(f".{target.name}.{os.getpid()}.{time.monotonic_ns()}.part")
    parts[target] = part
    try:
        part.write_bytes(content)
    except OSError as error:  # of a full disk it would name no file
        raise OSError(error.errno, error.strerror, str(target)) from None


def _swap(parts: Mapping[Path, Path]) -> None:
    """Rename each part to its target; when one cannot be, the old ones come back."""
    old: dict[Path, Path] = {}
    done: list[Path] = []
    try:
        for target, part in parts.items():
            if target.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
            _set_aside(target, part.with_suffix(".old"), old)
            part.replace(target)
            done.append(target)
    except OSError:
        for target in parts:
            if target in old:
                old[target].replace(target)
            elif target in done:
                target.unlink()
        raise
    finally:
        for path in old.values():
            path.unlink(missing_ok=True)


def _set_aside(target: Path, aside: Path, old: dict[Path, Path]) -> None:
    """A second name for the file at `target`, which stays readable there meanwhile."""
    try:
        aside.hardlink_to(target)
    except FileNotFoundError:
        return
    except OSError:  # a disk without hard links
        target.replace(aside)
    old[target] = aside


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold `folder` against other processes that come here for it, where the system can."""
    if fcntl is None or not os.access(folder, os.R_OK):
        yield
        return
    held = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a network disk may know no locks
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Answer Ctrl-C and a request to end after the block, not inside it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is ever interrupted
        return
    heard: list[Any] = []
    before: dict[int, Any] = {
        number: signal.signal(number, lambda *told: heard.append(told))
        for number in (signal.SIGINT, signal.SIGTERM)
        if signal.getsignal(number) is not None  # one that Python did not set could not be put back
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number, frame in heard[:1]:
            if before[number] == signal.SIG_DFL:
                signal.raise_signal(number)
            elif callable(before[number]):
                before[number](number, frame)
