"""What a report has read of the data, and a hash of just those rows.

A ledger notes every question asked of it. The notes are kept with the report: asked again of
newer data, they tell whether the report could come out differently. They err on one side only:
a look at a whole table is noted as one, and the vocabularies (metrics, entities, bases) always
belong to what was read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, ValuesView
from typing import Any, TypeVar

Row = TypeVar("Row")
#: The note of a look at everything: at a whole table, or at every metric or entity.
ALL = "*"
#: Columns that name the source of a row, or several with blanks between.
_SOURCES = ("source", "outcome_source", "sources")


class Watched(Mapping[str, Row]):
    """A table by key that notes which of its rows are asked for, also those it does not have."""

    def __init__(self, rows: dict[str, Row], note: Callable[[str], None]) -> None:
        self._rows = rows
        self._note = note

    def __getitem__(self, key: str) -> Row:
        self._note(key)
        return self._rows[key]

    def __iter__(self) -> Iterator[str]:
        self._note(ALL)
        return iter(self._rows)

    def __len__(self) -> int:
        self._note(ALL)
        return len(self._rows)

    def values(self) -> ValuesView[Row]:
        self._note(ALL)
        return self._rows.values()

    def items(self) -> ItemsView[str, Row]:
        self._note(ALL)
        return self._rows.items()


class Reads:
    """The notes of one vintage, and the rows they are about.

    Parameters
    ----------
    vintage
        What every answer rests on: the date, and whether it is the latest.
    tables
        Rows by key, as the vintage has them: facts, events, plants, assumptions, sources.
    words
        The rows of the vocabularies.
    """

    def __init__(
        self, vintage: str, tables: Mapping[str, dict[str, Any]], words: Iterable[Any]
    ) -> None:
        self.vintage = vintage
        self.tables = tables
        self.words = list(words)
        self.noted: set[str] = set()

    def watched(self, table: str) -> Watched[Any]:
        """The rows of `table`, every look at them noted."""
        return Watched(self.tables[table], lambda key: self.row(table, key))

    def row(self, table: str, key: str) -> None:
        """Note a look at one row, or at ``*``. A fact stands for all of its metric and entity,
        since what it is worth depends on whether these agree with it."""
        fact = self.tables["facts"].get(key) if table == "facts" else None
        if fact is not None:
            self.group(fact.metric, fact.entity)
        else:
            self.noted.add(f"{table} {key}")

    def group(self, metric: str, entity: str) -> None:
        """Note a look at the facts of a metric and an entity; either may be ``*``."""
        self.noted.add(f"facts {metric} {entity}")

    def notes(self) -> list[str]:
        """The notes in order, without those that a wider one holds."""
        whole = {note.split(" ")[0] for note in self.noted if note.endswith(f" {ALL}")} - {"facts"}
        if f"facts {ALL}" in self.noted or f"facts {ALL} {ALL}" in self.noted:
            whole.add("facts")
        narrow = {note for note in self.noted if note.split(" ")[0] not in whole}
        return sorted(narrow | {f"{table} {ALL}" for table in whole})

    def digest(self, notes: Iterable[str]) -> str:
        """Twelve hex digits over the rows that `notes` are about, their sources included."""
        rows, sources = [], set()
        asked: dict[str, set[str]] = {}
        for note in notes:
            table, _, key = note.partition(" ")
            asked.setdefault(table, set()).add(key)
        for table, keys in sorted(asked.items()):
            for key, row in self.tables[table].items():
                if ALL in keys or key in keys or (table == "facts" and _in(row, keys)):
                    rows.append((table, *vars(row).values()))
                    sources.update(" ".join(vars(row).get(c, "") for c in _SOURCES).split())
        rows += [("of", *vars(self.tables["sources"][s]).values()) for s in sorted(sources)]
        rows += [("word", *vars(word).values()) for word in self.words]
        text = "\n".join([self.vintage, *map(repr, rows)])
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def _in(fact: Any, keys: set[str]) -> bool:
    metrics, entities = (fact.metric, ALL), (fact.entity, ALL)
    return any(f"{metric} {entity}" in keys for metric in metrics for entity in entities)
