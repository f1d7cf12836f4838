"""What a terminal shows of a batch: a line for each report as it ends, a bar below, a summary."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .cells import visible

if TYPE_CHECKING:
    from .running import Batch, Result

_NAMED = 3  # running reports that are named beside the bar


class Show:
    """The progress of `total` reports, `at_once` of them at a time; the bar is for a terminal only.

    rich is imported when it is needed: where nothing is to be made, that is never.
    """

    def __init__(self, total: int, out: Path, at_once: int) -> None:
        self.total, self.out, self.at_once = total, out, at_once
        self.start = time.monotonic()
        self.waiting: list[str] = []
        self.failed = 0
        self.bar: Any = None

    def __enter__(self) -> Show:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        if self.bar:
            self.bar.stop()
            self.bar = None

    def begins(self, stems: Sequence[str]) -> None:
        """These reports are to be made, in about this order."""
        self.waiting = list(stems)
        if not sys.stdout.isatty():
            return
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self.bar = Progress(
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.description}", markup=False),
        )
        self.task = self.bar.add_task(self._running(), total=len(stems))
        self.bar.start()

    def ended(self, outcome: Result | str) -> None:
        """One report ended: print how, unless its files were already as they should be."""
        if isinstance(outcome, str):
            report = outcome.split(":", 1)[0]
            self.failed += 1
            self._print(f"failed  {outcome}", "red")
        else:
            report = outcome.report
            names = "  ".join(str(path) for path in outcome.files.values())
            if outcome.seconds:
                same = "" if outcome.changed else ", the same as before"
                self._print(f"made    {names}  ({outcome.seconds:.1f} s{same})")
            elif outcome.changed:
                self._print(f"kept    {names}")
        if report in self.waiting:
            self.waiting.remove(report)
            if self.bar:
                self.bar.update(self.task, advance=1, description=self._running())

    def summary(self, batch: Batch) -> None:
        """Print how the batch ended."""
        self.__exit__(None, None, None)
        if batch.index:
            self._print(f"index   {batch.index}")
        seconds = time.monotonic() - self.start
        line = f"{len(batch.results)} of {self.total} reports in {self.out} after {seconds:.1f} s"
        same = sum(not result.changed for result in batch.results)
        if same:
            line += f"; {same if same < self.total else 'all'} unchanged"
        if batch.failures:
            line += f"; {len(batch.failures)} failed, and what was there before them is whole"
        self._print(f"{line}.")

    def _running(self) -> str:
        running = self.waiting[: self.at_once]
        more = f" and {len(running) - _NAMED} more" if len(running) > _NAMED else ""
        failed = f"{self.failed} failed; " if self.failed else ""
        return f"{failed}{', '.join(running[:_NAMED])}{more}"

    def _print(self, words: str, style: str = "") -> None:
        words = visible(words, keep="\n\t")
        if self.bar:
            from rich.text import Text

            self.bar.console.print(Text(words, style), soft_wrap=True, highlight=False)
        else:
            print(words, flush=True)
