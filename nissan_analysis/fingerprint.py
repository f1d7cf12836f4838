"""What made a report, as hashes of content: the code, the notebook, the data, the environment.

A commit cannot be named in a file that the commit itself holds, so a report names the content of
the package and of its notebook's sources instead: the same hash means the same code.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from .places import data_folder, notebooks_folder

_PACKAGE = Path(__file__).parent
_CODE = (".py", ".css", ".csv", ".typ", ".ttf", ".woff2")


@cache
def code_version(report: str) -> str:
    """Twelve hex digits over the package's files and the source cells of one notebook."""
    sources = [cell["source"] for cell in _cells(report)]
    return hashlib.sha256(f"{package_version()}{json.dumps(sources)}".encode()).hexdigest()[:12]


def package_version() -> str:
    """A hash of the package's files, as they are on disk, without the data and the notebooks that
    an installed wheel carries among them."""
    own = (
        p
        for p in _PACKAGE.rglob("*")
        if p.suffix in _CODE and p.relative_to(_PACKAGE).parts[0] not in ("_data", "_notebooks")
    )
    return _hash(_PACKAGE, own)


def notebook_version(report: str) -> str:
    """A hash of a notebook without its outputs."""
    stored = ("outputs", "execution_count")
    cells = [{k: v for k, v in cell.items() if k not in stored} for cell in _cells(report)]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()


def data_version(folder: Path | None = None) -> str:
    """A hash of all of the data."""
    return folder_version(folder or data_folder(), "*.csv")


def folder_version(folder: Path, names: str) -> str:
    """A hash of the files below `folder` whose names match."""
    return _hash(folder, folder.rglob(names))


def environment_version() -> str:
    """A hash of Python's version and of the name and version of every installed package."""
    found = {sys.version, sys.platform}
    for place in filter(Path.is_dir, map(Path, sys.path)):
        found.update(path.name for path in place.glob("*.dist-info"))
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()


def identity() -> dict[str, str]:
    """What another machine must have alike for the same report: code, data, notebooks, packages."""
    from importlib.metadata import PackageNotFoundError, requires, version

    now, begun = package_version(), _begun()
    found = {
        "code": now if now == begun else f"{now}, changed since the process began",
        "data": data_version(),
        "notebooks": folder_version(notebooks_folder(), "*.ipynb"),
        "python": ".".join(map(str, sys.version_info[:2])),
    }
    for name in sorted(re.split(r"[^\w.-]", line)[0] for line in requires("nissan-analysis") or ()):
        with suppress(PackageNotFoundError):  # an extra that is not installed
            found[name] = version(name)
    return found


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    """Where two identities differ, as words: what, there and here. Extras are one's own matter."""
    return [
        f"{what} {there[what][:40]} there, {value[:40]} here"
        for what, value in here.items()
        if there.get(what, value) != value
    ]


@cache
def _begun() -> str:
    return package_version()


def _cells(report: str) -> list[dict[str, Any]]:
    notebook = notebooks_folder() / f"{report}.ipynb"
    try:
        cells: list[dict[str, Any]] = json.loads(notebook.read_bytes())["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        return []  # whoever executes it says what is wrong
    return cells


def _hash(folder: Path, paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(filter(Path.is_file, paths)):  # whoever reads a folder says what is wrong
        about = path.stat()
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(_digest(path, about.st_mtime_ns, about.st_size, about.st_ino))
    return digest.hexdigest()


@cache
def _digest(path: Path, *_: int) -> bytes:
    """The hash of a file that is as it was: a batch asks for it after every report."""
    return hashlib.sha256(path.read_bytes()).digest()
