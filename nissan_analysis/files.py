"""Writing several files as one step, so that nobody ever sees half of a report."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path


def write_together(files: Mapping[Path, bytes]) -> None:
    """Write each of `files` beside its target, then rename all of them.

    On a failure every target is untouched; an interruption leaves all old files or all new ones.

    Raises
    ------
    OSError
        When a file cannot be written (no space, no permission).
    """
    parts: dict[Path, Path] = {}
    try:
        for target, content in files.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f".{target.name}.{os.getpid()}.{time.monotonic_ns()}.part")
            parts[target] = part
            part.write_bytes(content)
        try:
            _rename(parts)
        except KeyboardInterrupt:
            _rename(parts)
            raise
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def _rename(parts: Mapping[Path, Path]) -> None:
    for target, part in parts.items():
        if part.exists():
            part.replace(target)
