"""What is wrong between the rows of `data/`: keys, units, dates and figures that cannot be.

Every rule here is one that no sound figure breaks, so a row that breaks it is a slip of the
keyboard. What sources dispute among themselves is the business of `checks`.
"""

from __future__ import annotations

import difflib
import statistics
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .places import REPORTS, SHEETS
from .quantity import COUNT_UNITS, bounds_of

if TYPE_CHECKING:
    from .rows import FactRow

Keys = Collection[str] | None
Placed = list[tuple[Any, str]]  # rows, each with its place


def cross_faults(
    tables: Mapping[str, list[Any]],
    places: Mapping[str, list[str]],
    keys: Mapping[str, str],
    keyed: Mapping[str, Keys],
) -> list[str]:
    """Every fault between sound rows.

    Parameters
    ----------
    tables, places
        Rows and the place of each, by table.
    keys
        The key column of each table.
    keyed
        All keys of a table, also of rows that are at fault themselves: such a row must not make
        every row that names it look wrong too. None for a table that could not be read.
    """
    placed: dict[str, Placed] = {
        name: list(zip(rows, places[name], strict=True)) for name, rows in tables.items()
    }
    found: list[str] = []
    for name, key in keys.items():
        found += _duplicates(placed[name], key)
    published = {s.source: s.published for s in tables["sources"]}
    units = units_of(tables["metrics"])
    found += _sources(placed["sources"], keyed)
    found += _entities(placed["entities"], keyed)
    found += _bases(placed["bases"])
    for fact, place in placed["facts"]:
        found += _fact(fact, place, keyed, units, published)
    found += _twice(placed["facts"])
    found += _fractions(placed["facts"])
    found += _events(placed["events"], keyed, published)
    found += _plants(placed["plants"], keyed)
    found += _assumptions(placed["assumptions"])
    return found


def _duplicates(rows: Placed, key: str) -> Iterator[str]:
    seen: dict[str, str] = {}
    for row, place in rows:
        value = getattr(row, key)
        if value in seen:
            yield f"{place}, column {key}: {value!r} is already used at {seen[value]}; keys are unique"
        seen.setdefault(value, place)


def _dangling(
    place: str, column: str, values: Iterable[str], known: Keys, file: str
) -> Iterator[str]:
    """A fault for every value that is no key of `file`, with the nearest that is one."""
    for value in values:
        if known is None or not value or value in known:
            continue
        yield f"{place}, column {column}: {value!r} is not in {file}{nearest(value, known)}"


def nearest(value: str, known: Iterable[str]) -> str:
    """The end of a message that names the word most like `value`, or nothing."""
    near = difflib.get_close_matches(value, [k for k in known if k], n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


def _sources(rows: Placed, keyed: Mapping[str, Keys]) -> Iterator[str]:
    for row, place in rows:
        yield from _dangling(place, "retells", [row.retells], keyed["sources"], "sources.csv")
        if row.retells == row.source:
            yield f"{place}, column retells: {row.retells!r} is this source itself; expected another"


def _entities(rows: Placed, keyed: Mapping[str, Keys]) -> Iterator[str]:
    for row, place in rows:
        words = row.equals.split()
        # a + b - c: names at even places, signs between them.
        if words and (len(words) % 2 == 0 or not set(words[1::2]) <= {"+", "-"}):
            yield f"{place}, column equals: {row.equals!r}: expected a sum such as 'all - registered'"
            continue
        yield from _dangling(place, "equals", words[::2], keyed["entities"], "entities.csv")


def _bases(rows: Placed) -> Iterator[str]:
    for row, place in rows:
        if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
            yield f"{place}, column valid_to: {row.valid_to} is before {row.valid_from}"


def words(
    row: Mapping[str, Any], place: str, keyed: Mapping[str, Keys], units: Mapping[str, str]
) -> Iterator[str]:
    """Words of a figure's row that are in no vocabulary, and a unit that is not its metric's.

    `row` holds the cells by column; of a row that is at fault itself, as text, those that are not.
    """
    for column, table in (
        ("entity", "entities"),
        ("metric", "metrics"),
        ("basis", "bases"),
        ("source", "sources"),
    ):
        if column in row:
            yield from _dangling(place, column, [row[column]], keyed[table], f"{table}.csv")
    metric, unit = row.get("metric", ""), row.get("unit")
    if "unit" in row and unit != units.get(metric, unit):
        yield (
            f"{place}, column unit: {unit!r}: {metric} is counted in {units[metric]!r} (metrics.csv)"
        )


def units_of(metrics: Iterable[Any]) -> dict[str, str]:
    """The unit of each metric; the first row of a name holds."""
    return {m.metric: m.unit for m in reversed(list(metrics))}


def _fact(
    row: FactRow,
    place: str,
    keyed: Mapping[str, Keys],
    units: Mapping[str, str],
    published: Mapping[str, Any],
) -> Iterator[str]:
    yield from words(vars(row), place, keyed, units)
    if row.period_end < row.period_start:
        yield f"{place}, column period_end: {row.period_end} is before {row.period_start}"
    elif row.status in ("official", "reported") and row.period_start < row.period_end:
        out = published.get(row.source, row.period_end)
        if row.period_end > out and not row.note:
            yield (
                f"{place}, column period_end: {row.period_end} is after {out}, when its source was "
                "published; expected a target or an estimate, or a note that explains it"
            )
    if row.rank != "normal" and not row.rank_reason:
        yield f"{place}, column rank_reason: empty; a {row.rank} figure says why"
    yield from list(_precision(row, place)) or _range(row, place)


def _precision(row: FactRow, place: str) -> Iterator[str]:
    """A value has no more digits than `decimals` grants, and things counted are whole."""
    step = 10.0 ** (-row.decimals)
    if abs(row.value / step - round(row.value / step)) > 1e-6:
        yield (
            f"{place}, column decimals: {row.decimals} means steps of {step:g}, but the value "
            f"{row.value:g} is finer"
        )
    elif row.unit in COUNT_UNITS and row.value != round(row.value):
        yield (
            f"{place}, column value: {row.value:g} {row.unit} are no whole number; expected them "
            "unscaled (694.9 thousand is 694900 with decimals -2)"
        )


def _range(row: FactRow, place: str) -> Iterator[str]:
    """Values and bounds that the thing counted can have."""
    growth = row.metric.endswith(("_yoy", "_margin"))
    money = row.unit.endswith(("_bn", "_m"))
    below, above = bounds_of(row.decimals, row.qualifier, row.unit)
    if row.value < 0 and not growth and not money:
        yield (
            f"{place}, column value: {row.value:g}: {row.metric} in {row.unit} cannot be negative; "
            "expected 0 or more"
        )
    elif row.value - below < 0 <= row.value and not growth and not money:
        yield (
            f"{place}, column qualifier: {row.qualifier!r} with decimals {row.decimals} takes "
            f"{row.value:g} below zero; expected bounds that {row.metric} can have"
        )
    share = row.unit == "percent" and ("share" in row.metric or "stake" in row.metric)
    if share and row.value > 100:
        yield (
            f"{place}, column value: {row.value:g}: {row.metric} is part of a whole; expected 0 to "
            "100 percent"
        )
    elif share and row.value + above > 100:
        yield (
            f"{place}, column qualifier: {row.qualifier!r} with decimals {row.decimals} takes "
            f"{row.value:g} above 100 percent; expected bounds that {row.metric} can have"
        )


def _twice(rows: Placed) -> Iterator[str]:
    """One source prints a figure once, whatever its slug."""
    seen: dict[Any, str] = {}
    for row, place in rows:
        said = row.model_dump(exclude={"fact", "locator", "rank", "rank_reason", "note"})
        asked = tuple(said.values())
        if asked in seen:
            yield (
                f"{place}, column fact: {row.fact!r} says what {seen[asked]} says already; expected "
                "one row a figure"
            )
        seen.setdefault(asked, place)


def _fractions(rows: Placed) -> Iterator[str]:
    """Percents typed as fractions: three decimals below one, or a hundredth of their neighbours."""
    levels: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    percents = [(row, place) for row, place in rows if row.unit == "percent" and row.value]
    for row, _ in percents:
        levels[row.metric, row.entity, row.basis].append(abs(row.value))
    for row, place in percents:
        size = abs(row.value)
        if size >= 1 or row.note:
            continue
        others = levels[row.metric, row.entity, row.basis].copy()
        others.remove(size)
        growth = row.metric.endswith(("_yoy", "_margin"))
        # Nearer to the others when multiplied by a hundred than as it stands.
        lost = not growth and len(others) > 1 and statistics.median(others) > 10 * size
        if row.decimals > 2 or lost:
            yield (
                f"{place}, column value: {row.value:g} looks like a fraction; expected a percent "
                f"number ({100 * row.value:g}), or a note that says why it is so small"
            )


def _events(rows: Placed, keyed: Mapping[str, Keys], published: Mapping[str, Any]) -> Iterator[str]:
    for row, place in rows:
        yield from _dangling(place, "entity", [row.entity], keyed["entities"], "entities.csv")
        for column, date in (("source", "date"), ("outcome_source", "outcome_date")):
            name, day = getattr(row, column), getattr(row, date)
            yield from _dangling(place, column, [name], keyed["sources"], "sources.csv")
            if name in published and day and day > published[name]:
                yield (
                    f"{place}, column {date}: {day} is after {published[name]}, when its source was "
                    "published; expected the day on which it happened or was told"
                )
        if row.speaker and row.status != "reported":
            yield (
                f"{place}, column speaker: {row.speaker!r}: only a reported event names who said it on record; "
                f"expected the status 'reported' (it is {row.status!r}), or an empty cell"
            )
        if row.outcome and not row.outcome_source:
            yield f"{place}, column outcome_source: empty; an outcome needs a source of its own"
        known = published.get(row.outcome_source)
        if row.outcome_source != row.source and known and known < row.date:
            yield (
                f"{place}, column outcome_source: published on {known}, before {row.date}; expected a later "
                "word (what was told before the event belongs in the note)"
            )
        if row.outcome and not row.outcome_status:
            yield f"{place}, column outcome_status: empty; expected what became of it, in one word"
        if row.outcome_date and row.outcome_date < row.date:
            yield f"{place}, column outcome_date: {row.outcome_date} is before {row.date}"


def _plants(rows: Placed, keyed: Mapping[str, Keys]) -> Iterator[str]:
    for row, place in rows:
        yield from _dangling(place, "plant", [row.plant], keyed["entities"], "entities.csv")
        yield from _dangling(place, "sources", row.sources.split(), keyed["sources"], "sources.csv")
        if bool(row.end_date) != bool(row.end_precision):
            empty = "end_precision" if row.end_date else "end_date"
            yield f"{place}, column {empty}: empty; expected a date and its precision, or neither"
        if row.opened and row.end_date and row.end_date.year < int(row.opened):
            yield f"{place}, column end_date: {row.end_date} is before {row.opened}, when it opened"


def _assumptions(rows: Placed) -> Iterator[str]:
    known = {*REPORTS, *SHEETS}
    for row, place in rows:
        if not row.low <= row.value <= row.high:
            yield f"{place}, column value: {row.value:g} is outside {row.low:g} to {row.high:g}"
        yield from _dangling(place, "used_in", row.used_in.split(), known, "the list of reports")
