"""Finished reports, kept by what they were made from, so that what cannot have changed is not made again.

A report is kept under its name, parameters and formats, beside hashes of what made it: the
package, the notebook, the installed packages, and the rows of the data that it read. It is taken
only while all of them are the same; where that cannot be told (a notebook that does not say what
it read) any change of the data counts. The folder may be removed at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .files import write_together
from .fingerprint import data_version, environment_version, notebook_version, package_version
from .making import Made, Task
from .places import cache_folder

if TYPE_CHECKING:
    from .ledger import Ledger

#: The most that the folder holds, in bytes; what was not used for longest goes first.
LIMIT = 2_000_000_000
_FILE = "file:"  # how the part of a format is called


class Cache:
    """The kept reports, as seen at one moment of the code and the data.

    Parameters
    ----------
    fresh
        Whether to take none of them; what is made is kept all the same.
    """

    def __init__(self, place: Path | None = None, *, fresh: bool = False) -> None:
        self.place = place or cache_folder()
        self.fresh = fresh
        self.data = data_version()
        self.code = _code()
        self._notebooks: dict[str, str] = {}

    def has(self, task: Task) -> bool:
        """Whether the report of `task` is kept and nothing that it was made from has changed.

        Raises
        ------
        DataError
            When the data have changed and hold faults.
        """
        told = None if self.fresh else self._header(task)
        if told is None or told["made_by"] != self._made_by(task):
            return False
        return told["data"] == self.data or self._reads_the_same(told["reads"], task)

    def get(self, task: Task) -> Made | None:
        """The kept report of `task`, whatever it was made from; None where it is not there whole."""
        try:
            head, _, rest = self._path(task).read_bytes().partition(b"\n")
            told, parts = json.loads(head), {}
            for name, (size, digest) in told["parts"].items():
                parts[name], rest = rest[:size], rest[size:]
                if hashlib.sha256(parts[name]).hexdigest() != digest:
                    return None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if told["data"] != self.data:
            self._write(task, told | {"data": self.data}, parts)
        else:
            with suppress(OSError):  # of another user, or on a disk that is only read
                os.utime(self._path(task))
        files = {name: parts[f"{_FILE}{name}"] for name in task.formats}
        return Made(task.stem, files, parts["card"], parts["picture"], 0.0, told["reads"])

    def keep(self, task: Task, made: Made) -> None:
        """Keep a report, unless code or data have moved since this began. A full disk is no fault."""
        same = (data_version(), _code(), notebook_version(task.report))
        if same != (self.data, self.code, self._notebook(task.report)):
            return
        if made.reads is not None and made.reads["data"] != self.data[: len(made.reads["data"])]:
            return
        parts = {f"{_FILE}{name}": content for name, content in made.files.items()}
        parts |= {"card": made.card, "picture": made.picture}
        told = {"made_by": self._made_by(task), "data": self.data, "reads": made.reads}
        self._write(task, told, parts)

    def page(self, key: str, make: Callable[[], bytes]) -> bytes:
        """What `make` gives, kept by `key` and by the code."""
        name = hashlib.sha256(f"{self.code}\n{key}".encode()).hexdigest()
        path = self.place / f"{name}.page"
        with suppress(OSError):
            told, _, content = path.read_bytes().partition(b"\n")
            if told == hashlib.sha256(content).hexdigest().encode():
                return content
        content = make()
        _save(path, hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
        return content

    def prune(self) -> None:
        """Keep the folder below its limit."""
        try:
            found = [(p.stat().st_mtime, p.stat().st_size, p) for p in self.place.iterdir()]
            total = sum(size for _, size, _ in found)
            for _, size, path in sorted(found):
                if total <= LIMIT:
                    break
                path.unlink(missing_ok=True)
                total -= size
        except OSError:
            return

    def _header(self, task: Task) -> dict[str, Any] | None:
        try:
            with self._path(task).open("rb") as stream:
                told: dict[str, Any] = json.loads(stream.readline())
                return told if {"made_by", "data", "reads", "parts"} <= set(told) else None
        except (OSError, ValueError, TypeError):
            return None

    def _reads_the_same(self, reads: Mapping[str, Any] | None, task: Task) -> bool:
        if reads is None:
            return False
        as_of = str(task.parameters["as_of"])
        return str(reads["digest"]) == self._ledger.at(as_of).digest(reads["notes"])

    @cached_property
    def _ledger(self) -> Ledger:
        from .ledger import Ledger

        return Ledger.load()

    def _notebook(self, report: str) -> str:
        if report not in self._notebooks:
            self._notebooks[report] = notebook_version(report)
        return self._notebooks[report]

    def _made_by(self, task: Task) -> str:
        return f"{self.code} {self._notebook(task.report)}"

    def _path(self, task: Task) -> Path:
        asked = json.dumps([task.report, dict(task.parameters), task.formats], sort_keys=True)
        return self.place / f"{hashlib.sha256(asked.encode()).hexdigest()}.report"

    def _write(self, task: Task, told: Mapping[str, Any], parts: Mapping[str, bytes]) -> None:
        sizes = {n: (len(c), hashlib.sha256(c).hexdigest()) for n, c in parts.items()}
        head = json.dumps({**told, "parts": sizes}).encode()
        _save(self._path(task), b"\n".join([head, b"".join(parts.values())]))


def _code() -> str:
    return f"{package_version()} {environment_version()}"


def _save(path: Path, content: bytes) -> None:
    try:
        write_together({path: content})
    except OSError:
        return  # no room or no permission: then nothing is kept
