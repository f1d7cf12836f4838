"""The same command once more, with nothing changed since: answered from a note, at once.

A command that made reports leaves a note of the files it wrote and of all that it rests on: code,
notebooks, data, installed packages, the files it names. While every one of them is the same,
running it again could only write the same files, so nothing else needs to be imported for it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from .files import write_together
from .fingerprint import data_version, environment_version, folder_version, package_version
from .places import PlaceError, cache_folder, notebooks_folder

_COMMANDS = ("render", "sweep", "plants")
_HELP = ("--help", "-h")
_ALWAYS = ("--fresh", "--resume", *_HELP)  # commands that are no question of what is there
_begun: dict[tuple[str, ...], list[str]] = {}
_made: tuple[list[Path], str] | None = None


def tables(words: Iterable[str]) -> list[str]:
    """The words of a command that name a table."""
    return [word for word in words if word.lower().endswith(".csv")]


def answered(arguments: Sequence[str]) -> bool:
    """Say what a command said, if running it again could change nothing; else False."""
    if not arguments or arguments[0] not in _COMMANDS or set(_ALWAYS) & set(arguments):
        return False
    try:
        state = _begun[tuple(arguments)] = _state(arguments)
        note = json.loads(_path(arguments).read_bytes())
        same = note["state"] == state and note["files"] == _hashes(note["files"])
    except (OSError, ValueError, KeyError, TypeError, PlaceError):
        return False
    if same:
        print(note["words"])
    return bool(same)


def makes_here(arguments: Sequence[str]) -> bool:
    """Whether a command is `render`, `sweep` or `plants` on this machine; the cache may yet have all."""
    if not arguments or arguments[0] not in _COMMANDS or set(_HELP) & set(arguments):
        return False
    return not any(word.startswith("--scheduler") for word in arguments)


def made(files: Iterable[Path], words: str) -> None:
    """The running command wrote `files`; a repetition that changes none of them says `words`."""
    global _made
    _made = [Path.cwd() / path for path in files], words


def keep(arguments: Sequence[str]) -> None:
    """Leave a note of the command that has just ended, unless something moved while it ran."""
    before = _begun.get(tuple(arguments))
    if _made is None or before is None:
        return
    with suppress(OSError, PlaceError):
        if before == _state(arguments):
            files, words = _made
            note = {"state": before, "files": _hashes(map(str, files)), "words": words}
            write_together({_path(arguments): json.dumps(note).encode()})


def _state(arguments: Sequence[str]) -> list[str]:
    named = map(Path, tables(arguments))
    return [
        package_version(),
        environment_version(),
        data_version(),
        folder_version(notebooks_folder(), "*.ipynb"),
        *(hashlib.sha256(path.read_bytes()).hexdigest() for path in named),
    ]


def _path(arguments: Sequence[str]) -> Path:
    told = sorted((k, v) for k, v in os.environ.items() if k.startswith("NISSAN_ANALYSIS_"))
    asked = json.dumps([list(arguments), str(Path.cwd()), told])
    return cache_folder() / f"{hashlib.sha256(asked.encode()).hexdigest()}.note"


def _hashes(files: Iterable[str]) -> dict[str, str]:
    return {name: hashlib.sha256(Path(name).read_bytes()).hexdigest() for name in files}
