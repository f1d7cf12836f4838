"""The ledger: what is known by a date, who says so, and what follows from it.

Nobody else reads `data/`. A `Ledger` is a vintage: it holds only what a source had published by
`as_of`, so a report made from it cannot know the future.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar

from .conflicts import Disagreement, conflicts, hulls
from .derive import Wanted, derived
from .fingerprint import data_version
from .periods import Period, label_period, parse_period, windows
from .points import (
    ACTUAL,
    RANKS,
    Break,
    Point,
    Series,
    basis_at,
    breaks_between,
    day_of,
    instants,
    ranked,
)
from .quantity import Origin, Quantity, bounds_of
from .reads import ALL, Reads
from .rows import BasisRow, EntityRow, FactRow, MetricRow, SourceRow, read_tables
from .vintage import event_at, plant_at
from .wording import long_date

Tables = dict[str, list[Any]]  # by file stem, as `rows.read_tables` gives them
_Asked = tuple[str, str, str | None, tuple[str, ...]]  # metric, entity, basis, statuses


_About = TypeVar("_About", FactRow, Disagreement)


class NotKnown(LookupError):
    """The ledger holds no such figure at this date."""


class Ledger:
    """A vintage of everything in `data/`. Make it with `Ledger.load`."""

    made: ClassVar[int] = 0  # in this process

    def __init__(self, tables: Tables, version: str, as_of: dt.date | None) -> None:
        Ledger.made += 1
        self.version = version
        self._tables = tables
        self._sources: dict[str, SourceRow] = {s.source: s for s in tables["sources"]}
        self.entities: dict[str, EntityRow] = {e.entity: e for e in tables["entities"]}
        self.metrics: dict[str, MetricRow] = {m.metric: m for m in tables["metrics"]}
        self.bases: dict[str, BasisRow] = {b.basis: b for b in tables["bases"]}
        used = {f.source for f in tables["facts"]} | {e.source for e in tables["events"]}
        #: The latest publication date in the whole of `data/`, whatever the vintage.
        self.latest_source = max(self._sources[s].published for s in used)
        self.as_of = as_of or self.latest_source
        #: Whether this vintage knows everything. Our own notes and reasons were written with
        #: that knowledge, so an earlier vintage must not print them.
        self.current = self.as_of >= self.latest_source
        #: The latest publication date that this vintage knows of.
        self.newest = max(
            (d for s in tables["sources"] if (d := s.published) <= self.as_of), default=self.as_of
        )
        self._facts: dict[str, FactRow] = {
            f.fact: f for f in tables["facts"] if self._published(f.source)
        }
        events = sorted(
            (event_at(e, self._published) for e in tables["events"] if self._published(e.source)),
            key=lambda e: (e.date, e.answers, e.event),  # an answer after its report
        )
        #: What was asked of this vintage. The tables are read through it, and note every look.
        self.reads = Reads(
            f"{self.as_of} {self.current} {self.newest}",
            {
                "facts": self._facts,
                "events": {e.event: e for e in events},
                "plants": {p.plant: plant_at(p, self._published) for p in tables["plants"]},
                "assumptions": {a.key: a for a in tables["assumptions"]},
                "sources": self._sources,
            },
            [*tables["metrics"], *tables["entities"], *tables["bases"]],
        )
        self.facts: Mapping[str, FactRow] = self.reads.watched("facts")
        self.plants: Mapping[str, Any] = self.reads.watched("plants")
        self.assumptions: Mapping[str, Any] = self.reads.watched("assumptions")
        self.sources: Mapping[str, SourceRow] = self.reads.watched("sources")
        self._events: Mapping[str, Any] = self.reads.watched("events")
        self._variables: dict[str, Quantity] = {}
        self._by_key: dict[tuple[str, str], list[FactRow]] = defaultdict(list)
        self._ranked: dict[_Asked, list[FactRow]] = {}
        self._best: dict[_Asked, dict[Period, FactRow]] = {}
        self._derived: dict[Wanted, Quantity | None] = {}
        for fact in self._facts.values():
            self._by_key[fact.metric, fact.entity].append(fact)

    # -- loading ------------------------------------------------------------------------

    @classmethod
    def load(cls, as_of: dt.date | str | None = None, data: Path | str | None = None) -> Ledger:
        """Everything whose source was published by `as_of` (None or "latest": everything).

        Raises
        ------
        DataError
            When `data/` holds faults; lists all of them.
        """
        if isinstance(as_of, str):
            as_of = None if as_of == "latest" else dt.date.fromisoformat(as_of)
        return cls(*tables_of(data), as_of)

    def at(self, as_of: str) -> Ledger:
        """Another vintage of the same data."""
        day = None if as_of == "latest" else dt.date.fromisoformat(as_of)
        return Ledger(self._tables, self.version, day)

    def digest(self, notes: Iterable[str]) -> str:
        """Twelve hex digits over the rows that `notes` (of `reads`) are about; ``*`` is all there is."""
        notes = list(notes)
        return self.version if ALL in notes else self.reads.digest(notes)

    def seen(self, source: str) -> bool:
        """Whether a source was out by the date of this vintage."""
        return self.sources[source].published <= self.as_of

    def _published(self, source: str) -> bool:
        return self._sources[source].published <= self.as_of

    # -- single figures -----------------------------------------------------------------

    def fact(self, fact: str) -> Quantity:
        """One fact as a quantity. The same fact is always the same variable."""
        self.reads.row("facts", fact)
        return self._fact(fact)

    def _fact(self, fact: str) -> Quantity:
        if fact not in self._variables:
            if fact not in self._facts:
                raise NotKnown(f"The ledger has no fact {fact!r} as of {long_date(self.as_of)}.")
            row = self._facts[fact]
            below, above = bounds_of(row.decimals, row.qualifier, row.unit)
            origin = Origin(
                (fact,), below, above, row.status, row.qualifier, self.source_label(row.source),
                self.name(row), stated=True,
            )  # fmt: skip
            self._variables[fact] = Quantity.of(row.value, row.unit, origin)
        return self._variables[fact]

    @cached_property
    def _open(self) -> dict[str, tuple[float, float]]:
        return hulls(self._disagreements, self._fact)

    def believed(self, row: FactRow) -> Quantity:
        """A fact as a quantity; while sources disagree, its bounds reach to all of them."""
        self.reads.group(row.metric, row.entity)
        if row.fact not in self._open:
            return self.fact(row.fact)
        tag = f"open:{row.fact}"
        if tag not in self._variables:
            low, high = self._open[row.fact]
            label = f"{self.source_label(row.source)}; sources disagree"
            origin = Origin(
                (row.fact,), row.value - low, high - row.value, row.status, row.qualifier, label,
                self.name(row), stated=True,
            )  # fmt: skip
            self._variables[tag] = Quantity.of(row.value, row.unit, origin)
        return self._variables[tag]

    def name(self, row: FactRow) -> str:
        """What a fact is, in a few words: metric, subject, period."""
        period = label_period(*row.period)
        return f"{self.metrics[row.metric].label}, {self.entities[row.entity].label}, {period}"

    def source_label(self, source: str) -> str:
        """Publisher and date, for tooltips and source lines."""
        row = self._sources[source]
        return f"{row.publisher}, {long_date(row.published)}"

    def assumption(self, key: str) -> Quantity:
        """A choice of ours as a quantity, tagged ``assumption:<key>``."""
        tag = f"assumption:{key}"
        if tag not in self._variables:
            if key not in self.assumptions:
                raise NotKnown(f"assumptions.csv has no key {key!r}.")
            row = self.assumptions[key]
            origin = Origin(
                (tag,), status="assumption", label="our assumption", name=row.statement, stated=True
            )
            self._variables[tag] = Quantity.of(row.value, row.unit, origin)
        return self._variables[tag]

    def rows(
        self,
        metric: str,
        entity: str,
        basis: str | None = None,
        status: Sequence[str] = ACTUAL,
    ) -> list[FactRow]:
        """Facts of a metric and entity, best first; deprecated ones are left out.

        `basis` None takes the published chain (no basis, or bases that succeed one another);
        "*" takes every basis.
        """
        if metric not in self.metrics:
            raise NotKnown(f"There is no metric {metric!r} in metrics.csv.")
        if entity not in self.entities:
            raise NotKnown(f"There is no entity {entity!r} in entities.csv.")

        def wanted(fact: FactRow) -> bool:
            if fact.rank == "deprecated" or fact.status not in status:
                return False
            if basis is None:
                return fact.basis == "" or bool(self.bases[fact.basis].chain)
            return basis in ("*", fact.basis)

        self.reads.group(metric, entity)
        asked = (metric, entity, basis, tuple(status))
        if asked not in self._ranked:
            found = [f for f in self._by_key[metric, entity] if wanted(f)]
            self._ranked[asked] = ranked(found, self._sources)
        return self._ranked[asked]

    def find(
        self,
        metric: str,
        entity: str,
        period: str | Period,
        basis: str | None = None,
        status: Sequence[str] = ACTUAL,
        derive: bool = True,
    ) -> Quantity | None:
        """One figure: stated if a source prints it, else derived, else None."""
        point = self.point(metric, entity, parse_period(period), basis, status, derive)
        return point.quantity if point else None

    def quantity(
        self,
        metric: str,
        entity: str,
        period: str | Period,
        basis: str | None = None,
        status: Sequence[str] = ACTUAL,
    ) -> Quantity:
        """Like `find`, but raises `NotKnown` with a sentence that says what is missing."""
        found = self.find(metric, entity, period, basis, status)
        if found is None:
            what = f"{self.metrics[metric].label} of {self.entities[entity].label}"
            raise NotKnown(
                f"{what} for {label_period(*parse_period(period))}"
                + (f" on the basis {basis!r}" if basis else "")
                + f" is not known as of {long_date(self.as_of)}."
            )
        return found

    def latest(
        self, metric: str, entity: str, basis: str | None = None, status: Sequence[str] = ACTUAL
    ) -> Point | None:
        """The figure with the latest period, or None."""
        rows = self.rows(metric, entity, basis, status)
        if not rows:
            return None
        row = max(rows, key=lambda f: (f.period_end, f.period_start, -RANKS[f.rank]))
        period = row.period
        return self.point(metric, entity, period, basis, status, False)

    def point(
        self,
        metric: str,
        entity: str,
        period: Period,
        basis: str | None,
        status: Sequence[str],
        derive: bool,
    ) -> Point | None:
        """The best figure of exactly this period, stated or (if asked) derived, or None."""
        rows = self.rows(metric, entity, basis, status)
        asked = (metric, entity, basis, tuple(status))
        if asked not in self._best:
            # The last one kept is the first of the list: the best of its period.
            self._best[asked] = {self.clamp(entity, row.period): row for row in reversed(rows)}
        clamped = self.clamp(entity, period)
        row = self._best[asked].get(clamped)
        if row is not None:
            return Point(period, self.believed(row), row.basis, True)
        if not derive or self.metrics[metric].kind != "flow":
            return None
        wanted = Wanted(metric, entity, clamped, basis, tuple(status))
        if wanted not in self._derived:
            self._derived[wanted] = derived(self, wanted)
        quantity = self._derived[wanted]
        if quantity is None:
            return None
        return Point(period, quantity, basis_at(self.bases, rows, period), False)

    def clamp(self, entity: str, period: Period) -> Period:
        """A period that begins before a model's first sale begins with it."""
        launched = self.entities[entity].launched
        if launched and period[0] < launched <= period[1]:
            return launched, period[1]
        return period

    # -- series -------------------------------------------------------------------------

    def series(
        self,
        metric: str,
        entity: str,
        freq: Literal["ME", "QE", "HE", "YE", "FY"] = "YE",
        basis: str | None = None,
        start: dt.date | str | None = None,
        end: dt.date | str | None = None,
        status: Sequence[str] = ACTUAL,
    ) -> Series:
        """Figures by period; a period nobody knows is a gap; a new definition is a break.

        Raises
        ------
        NotKnown
            For a metric or entity that is not in the vocabularies (an empty series is not an
            error).
        """
        rows = self.rows(metric, entity, basis, status)
        points: list[Point] = []
        if rows:
            first = day_of(start) or min(r.period_start for r in rows)
            last = day_of(end) or max(r.period_end for r in rows)
            flows = self.metrics[metric].kind in ("flow", "ratio")
            spans = windows(freq, first, last) if flows else instants(rows, first, last)
            for span in spans:
                if span[0] < first or span[1] > last:
                    continue
                point = self.point(metric, entity, span, basis, status, True)
                if point:
                    points.append(point)
        breaks = tuple(breaks_between(points, self.bases))
        return Series(tuple(points), breaks)

    # -- disagreement -------------------------------------------------------------------

    @cached_property
    def _disagreements(self) -> list[Disagreement]:
        return conflicts(self._facts.values(), self._fact)

    def disagreements(
        self, entities: Iterable[str] | None = None, metrics: Iterable[str] | None = None
    ) -> list[Disagreement]:
        """Conflicts between sources, with the ruling that settles each, by entity and period."""
        return self._about(self._disagreements, entities, metrics)

    def facts_of(
        self, entities: Iterable[str] | None = None, metrics: Iterable[str] | None = None
    ) -> list[FactRow]:
        """Every fact of these entities and metrics, deprecated ones too, in the order of the files."""
        return self._about(self._facts.values(), entities, metrics)

    def _about(
        self,
        found: Iterable[_About],
        entities: Iterable[str] | None,
        metrics: Iterable[str] | None,
    ) -> list[_About]:
        """Those of these entities and metrics (None: of all), and a note that they were looked at."""
        some, which = (set(x) if x is not None else None for x in (entities, metrics))
        for entity in some if some is not None else (ALL,):
            for metric in which if which is not None else (ALL,):
                self.reads.group(metric, entity)
        return [
            x
            for x in found
            if (some is None or x.entity in some) and (which is None or x.metric in which)
        ]

    # -- events -------------------------------------------------------------------------

    @property
    def events(self) -> list[Any]:
        """All events, in order of date."""
        return list(self._events.values())

    def event(self, name: str) -> Any | None:
        """An event by its id, or None where it is not known at this date."""
        return self._events.get(name)

    def events_about(self, entity: str) -> list[Any]:
        """Events of an entity, as entity or as counterpart, in order of date."""
        return [
            e
            for e in self.events
            if entity in f"{e.entity} {e.counterpart}".replace(";", " ").split()
        ]


_read: dict[tuple[Path, str], Tables] = {}


def tables_of(data: Path | str | None = None) -> tuple[Tables, str]:
    """What `data` (None: the project's own) holds, and its version: twelve hex digits over its CSV files.

    Reading and checking them takes long, so the same content is read once in a process; the
    process that kernels are forked from reads it for all of them.
    """
    from .places import data_folder

    folder = Path(data) if data is not None else data_folder()
    version = data_version(folder)[:12]
    if (folder, version) not in _read:
        _read.clear()  # one vintage of the files is enough to keep
        _read[folder, version] = read_tables(folder)
    return _read[folder, version], version


__all__ = [
    "ACTUAL",
    "Break",
    "Disagreement",
    "Ledger",
    "NotKnown",
    "Point",
    "Series",
]
