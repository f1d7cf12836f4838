"""A table as the reports print it: caption, columns, cells with their sources."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .ledger import Disagreement, Ledger
from .periods import label_period
from .provenance import caveat
from .quantity import Quantity, facts_behind
from .wording import Phrase, cited, joined, long_month, phrase, say_value

Cell = Phrase | Quantity | str | dt.date | None


@dataclass(frozen=True)
class Column:
    """A column: its heading, the format of its quantities, and its alignment."""

    label: str
    spec: str = "q~,"
    align: str = "right"


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of cells under columns. The first column heads its row.

    A cell is a quantity (printed by its column's format), a phrase, a date, text, or None for
    what nobody has published (printed as an en dash).
    """

    id: str
    title: Phrase
    columns: tuple[Column, ...]
    rows: tuple[tuple[Phrase, ...], ...]
    note: Phrase | None = None
    wide: bool = False

    @classmethod
    def of(
        cls,
        id: str,
        title: Phrase,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell]],
        note: Phrase | None = None,
        wide: bool = False,
    ) -> Table:
        """Build a table from raw cells.

        Raises
        ------
        ValueError
            When there are no rows, or a row does not fit the columns.
        """
        if not rows:
            raise ValueError(f"Table {id!r} has no rows: do not show it empty.")
        said = []
        for row in rows:
            if len(row) != len(columns):
                raise ValueError(
                    f"Table {id!r}: a row has {len(row)} cells for {len(columns)} columns: {row!r}."
                )
            said.append(tuple(_say(c, col) for c, col in zip(row, columns, strict=True)))
        return cls(id, title, tuple(columns), tuple(said), note, wide)

    @property
    def facts(self) -> tuple[str, ...]:
        phrases = [*(cell for row in self.rows for cell in row), self.title]
        if self.note:
            phrases.append(self.note)
        return facts_behind(phrases)

    def text(self) -> str:
        """The table as aligned plain text (for terminals, and for comparing notebooks)."""
        body = [[c.label for c in self.columns], *([c.text for c in row] for row in self.rows)]
        widths = [max(len(r[i]) for r in body) for i in range(len(self.columns))]
        lines = []
        for row in body:
            cells = [
                t.rjust(w) if c.align == "right" else t.ljust(w)
                for t, w, c in zip(row, widths, self.columns, strict=True)
            ]
            lines.append("  ".join(cells).rstrip())
        return "\n".join([self.title.text, *lines])

    def html(self) -> str:
        """A plain table with inline styles, as JupyterLab shows it in an untrusted notebook."""
        head = "".join(
            f'<th scope="col" style="text-align:{c.align}">{html.escape(c.label)}</th>'
            for c in self.columns
        )
        body = "".join(
            "<tr>"
            + "".join(
                f'<th scope="row" style="text-align:left;font-weight:600">{_inline(c.md)}</th>'
                if i == 0
                else f'<td style="text-align:{col.align}">{_inline(c.md)}</td>'
                for i, (c, col) in enumerate(zip(row, self.columns, strict=True))
            )
            + "</tr>"
            for row in self.rows
        )
        caption = f'<caption style="text-align:left">{_inline(self.title.md)}</caption>'
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def text_columns(*labels: str) -> tuple[Column, ...]:
    """Columns of words."""
    return tuple(Column(label, align="left") for label in labels)


def event_table(
    ledger: Ledger,
    events: Sequence[Any],
    id: str,
    title: Phrase,
    changed: Sequence[Cell] | None = None,
    note: Phrase | None = None,
    publishers: bool = False,
) -> Table | None:
    """Events in the order given: when, what was said, as what, and what became of it by this date.

    `changed` says of each event what it changed, for a column of its own; `publishers` names who
    told it. None for no events.
    """
    if not events:
        return None
    rows: list[list[Cell]] = []
    for number, e in enumerate(events):
        when = e.date if e.date_precision == "day" else long_month(e.date)
        label = ledger.source_label(e.outcome_source or e.source)
        became: Cell = "Date passed; not confirmed." if e.overdue(ledger.as_of) else None
        if e.outcome:
            became = cited(e.outcome, f"outcome:{e.event}", label)
        said = cited(e.title, f"event:{e.event}", ledger.source_label(e.source))
        if (limits := caveat(e)) is not None:
            said = phrase("{t}. {l}", t=said, l=limits)
        middle = [changed[number]] if changed is not None else []
        told_by = f": {ledger.sources[e.source].publisher}" if publishers else ""
        rows.append([when, said, e.told_as + told_by, *middle, became])
    columns = ["Date", "What was said", "As", "What became of it"]
    if changed is not None:
        columns.insert(3, "What it changed")
    said_last = phrase("A dash: no later word found.")
    notes = said_last if note is None else phrase("{a} {b}", a=note, b=said_last)
    return Table.of(id, title, text_columns(*columns), rows, notes)


def disagreement_table(
    ledger: Ledger,
    found: Sequence[Disagreement],
    id: str = "disagreements",
    publishers: bool = False,
) -> Table | None:
    """Where sources give different figures for one thing, which one is used, and why.

    `publishers` names them behind the figures. None where nothing disagrees.
    """
    rows: list[list[Cell]] = []
    for d in found:
        first = d.facts[0]
        printed: dict[float, Phrase] = {}
        for fact in d.facts:
            who = phrase(" ({w})", w=cited(ledger.sources[fact.source].publisher, fact.fact))
            value = _printed(ledger, fact)
            printed.setdefault(fact.value, joined([value, who], "") if publishers else value)
        what = f"{ledger.entities[d.entity].label}, {ledger.metrics[d.metric].label.lower()}"
        rows.append(
            [
                cited(what, first.fact),
                label_period(*d.period) if d.period[0].year > 1990 else "to date",
                joined(list(printed.values()), "; "),
                _printed(ledger, first) if d.settled else None,
                cited(d.ruling, f"note:{first.fact}") if d.ruling else None,
            ]
        )
    if not rows:
        return None
    columns = text_columns("Figure", "Period", "Printed", "Used", "Why")
    note = phrase("A dash under Used: left open.")
    return Table.of(id, phrase("Where sources disagree"), columns, rows, note)


def _printed(ledger: Ledger, fact: Any) -> Phrase:
    spec = f"{{n:q~.{max(fact.decimals, 0)}%}}" if fact.unit == "percent" else "{n:q~,}"
    return phrase(spec, n=ledger.fact(fact.fact))


def _say(cell: Cell, column: Column) -> Phrase:
    if cell is None:
        return Phrase("–", "–")
    return say_value(cell, column.spec if isinstance(cell, Quantity) else "", column.label)


def _inline(md: str) -> str:
    """Our own Markdown subset to HTML: escapes, strong and emphasis; `<data>`/`<time>` pass."""
    held: list[str] = []

    def hold(match: re.Match[str]) -> str:
        held.append(html.escape(match[1], quote=False) if match[1] not in "<>&" else match[1])
        return f"\x00{len(held) - 1}\x00"

    out = re.sub(r"\\([\\`*_\[\]#|~$!+=.)-])", hold, md)
    out = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", out)
    out = re.sub(r"(?<!\w)[*_](.+?)[*_](?!\w)", r"<em>\1</em>", out)
    return re.sub(r"\x00(\d+)\x00", lambda m: held[int(m[1])], out)
