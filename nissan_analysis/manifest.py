"""The hashes of the files in a folder of reports, as ``sha256sum -c SHA256SUMS`` reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

NAME = "SHA256SUMS"


def read(content: bytes) -> dict[str, str]:
    """Hash by file name, of the lines that are whole."""
    lines = content.decode("utf-8", "replace").splitlines()
    parts = (line.partition("  ") for line in lines)
    return {name: digest for digest, _, name in parts if name and len(digest) == 64}


def renewed(old: bytes, folder: Path, new: Mapping[str, str]) -> bytes:
    """The manifest `old` of `folder` with the hashes `new`, without files that are gone."""
    found = {name: digest for name, digest in read(old).items() if (folder / name).is_file()}
    lines = [f"{digest}  {name}\n" for name, digest in sorted({**found, **new}.items())]
    return "".join(lines).encode()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
