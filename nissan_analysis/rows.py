"""Reading `data/`: one typed row model per file, and one error that lists every fault.

Values are read as text, so that ``NA``, ``3.30`` and dates arrive as they are written, and are
then validated by pydantic. Nothing is returned unless every file is sound.
"""

from __future__ import annotations

import csv
import datetime as dt
import difflib
import io
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

Status = Literal["official", "reported", "estimate", "target", "denied", "cancelled"]
Qualifier = Literal["exact", "about", "nearly", "over", "up_to"]
Rank = Literal["preferred", "normal", "deprecated"]
Rating = Literal["red", "amber", "green"]
EventStatus = Literal[
    "announced", "reported", "denied", "not_confirmed", "agreed", "completed", "cancelled"
]

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _number(text: Any) -> Any:
    if not isinstance(text, str) or not text.isascii() or not _NUMBER.fullmatch(text):
        raise ValueError("expected a plain number such as 694900 or -28.7")
    return float(text)


def _whole(text: Any) -> Any:
    if not isinstance(text, str) or not re.fullmatch(r"-?\d+", text) or not text.isascii():
        raise ValueError("expected a whole number such as 0 or -2")
    return int(text)


def _date(text: Any) -> Any:
    if not isinstance(text, str) or not text.isascii() or not _DATE.fullmatch(text):
        raise ValueError("expected a date such as 2024-03-31")
    return dt.date.fromisoformat(text)


def _optional(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda text: None if text == "" else parse(text)


Number = Annotated[float, BeforeValidator(_number)]
Whole = Annotated[int, BeforeValidator(_whole)]
Day = Annotated[dt.date, BeforeValidator(_date)]
MaybeDay = Annotated[dt.date | None, BeforeValidator(_optional(_date))]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
MaybeKey = Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]*)?$")]
Text = Annotated[str, Field(min_length=1)]


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FactRow(Row):
    fact: Slug
    entity: Key
    metric: Key
    period_start: Day
    period_end: Day
    value: Number
    unit: Text
    decimals: Whole
    qualifier: Qualifier
    status: Status
    basis: MaybeKey
    source: Slug
    locator: str
    rank: Rank
    rank_reason: str
    note: str


class SourceRow(Row):
    source: Slug
    publisher: Text
    title: Text
    title_original: str
    url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")]
    published: Day
    published_basis: Literal["stated", "month", "inferred"]
    retells: str
    language: Text
    kind: Literal["company", "association", "statistics", "news", "blog"]
    quality: Rating
    quality_reason: str
    note: str


class EntityRow(Row):
    entity: Key
    label: Text
    kind: Text
    region: str
    launched: MaybeDay
    equals: str
    definition: Text


class MetricRow(Row):
    metric: Key
    label: Text
    unit: Text
    kind: Literal["flow", "stock", "ratio", "price", "count"]
    definition: Text


class BasisRow(Row):
    basis: Key
    label: Text
    chain: str
    valid_from: MaybeDay
    valid_to: MaybeDay
    definition: Text


class EventRow(Row):
    event: Slug
    date: Day
    date_precision: Literal["day", "month"]
    title: Text
    category: Text
    entity: str
    counterpart: str
    status: EventStatus
    source: Slug
    outcome: str
    outcome_status: str
    outcome_date: MaybeDay
    outcome_source: str
    note: str

    @property
    def told_as(self) -> str:
        """The status in words."""
        return self.status.replace("_", " ")

    @property
    def answers(self) -> bool:
        """Whether a company answers to a report of the press."""
        return self.status in ("denied", "not_confirmed")


class PlantRow(Row):
    plant: Key
    label: Text
    company: Text
    city: Text
    country: Text
    region: Text
    opened: str
    status: Text
    fate: str
    end_date: MaybeDay
    end_precision: str
    one_of_seven: Literal["yes", "no", "unclear"]
    sources: str
    note: str


class AssumptionRow(Row):
    key: Key
    statement: Text
    value: Number
    low: Number
    high: Number
    unit: Text
    quality: Rating
    impact: Rating
    used_in: str
    reason: Text


MODELS: dict[str, tuple[type[Row], str]] = {
    "sources.csv": (SourceRow, "source"),
    "entities.csv": (EntityRow, "entity"),
    "metrics.csv": (MetricRow, "metric"),
    "bases.csv": (BasisRow, "basis"),
    "events.csv": (EventRow, "event"),
    "plants.csv": (PlantRow, "plant"),
    "assumptions.csv": (AssumptionRow, "key"),
}


class DataError(Exception):
    """Everything that is wrong with `data/`, one line a fault."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        plural = "faults" if len(faults) != 1 else "fault"
        lines = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(f"data/ has {len(faults)} {plural}; nothing was loaded.\n{lines}")


def read_tables(folder: Path) -> dict[str, list[Any]]:
    """All tables of `data/`: file stem to rows; ``facts`` joins every file of ``facts/``.

    Raises
    ------
    DataError
        Lists every fault of every file: file, row (the header is row 1), column, value, what is
        expected.
    """
    faults: list[str] = []
    tables: dict[str, list[Any]] = {}
    places: dict[str, list[str]] = {}
    keyed: dict[str, set[str]] = {}
    unsound: list[tuple[dict[str, str], str]] = []
    for name, (model, _) in MODELS.items():
        stem = name[:-4]
        tables[stem], places[stem], keyed[stem] = _read(folder / name, name, model, faults)
    tables["facts"], places["facts"] = [], []
    files = sorted((folder / "facts").glob("*.csv"))
    if not files:
        faults.append("facts/: no CSV file there; expected at least one, such as facts/china.csv")
    for path in files:
        rows, where, _ = _read(path, f"facts/{path.name}", FactRow, faults, unsound)
        tables["facts"] += rows
        places["facts"] += where
    keys = {name[:-4]: key for name, (_, key) in MODELS.items()} | {"facts": "fact"}
    for stem, key in keys.items():
        faults += _duplicates(tables[stem], places[stem], key)
    units = {r.metric: r.unit for r in tables["metrics"]}
    for cells, place in unsound:
        faults += _words_of(cells, place, keyed, units)
    faults += _cross_faults(tables, places, keyed)
    if faults:
        raise DataError(faults)
    return tables


def _read(
    path: Path,
    name: str,
    model: type[Row],
    faults: list[str],
    unsound: list[tuple[dict[str, str], str]] | None = None,
) -> tuple[list[Any], list[str], set[str]]:
    """Sound rows, the place of each, and the keys of all rows, sound or not.

    A row at fault goes to `unsound` as text, so that its words are held against the vocabularies
    in the same run.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        faults.append(f"{name}: the file is missing")
        return [], [], set()
    if raw.startswith(b"\xef\xbb\xbf"):
        faults.append(f"{name}: starts with a byte order mark; save it as UTF-8 without BOM")
        return [], [], set()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        row = raw[: error.start].count(b"\n") + 1
        faults.append(f"{name}, row {row}: not UTF-8 (byte {raw[error.start]:#04x})")
        return [], [], set()
    if "\r" in text or "\x00" in text:
        what = "carriage returns" if "\r" in text else "NUL characters"
        faults.append(f"{name}: holds {what}; save it with plain line ends (LF)")
        return [], [], set()
    lines = list(csv.reader(io.StringIO(text), strict=True))
    expected = list(model.model_fields)
    header = lines[0] if lines else []
    if header != expected:
        missing = [c for c in expected if c not in header]
        extra = [c for c in header if c not in expected]
        faults.append(
            f"{name}, row 1: the columns must be {','.join(expected)}"
            + (f"; missing: {', '.join(missing)}" if missing else "")
            + (f"; unknown: {', '.join(extra)}" if extra else "")
            + ("; their order differs" if not missing and not extra else "")
        )
        return [], [], set()
    rows: list[Any] = []
    where: list[str] = []
    keys: set[str] = set()
    for number, cells in enumerate(lines[1:], start=2):
        keys.update(cells[:1])
        place = f"{name}, row {number}"
        if len(cells) != len(expected):
            faults.append(f"{place}: has {len(cells)} cells, expected {len(expected)}")
            continue
        broken = [c for c, cell in zip(expected, cells, strict=True) if "\n" in cell]
        if broken:
            faults.append(f"{place}, column {broken[0]}: holds a line end; write it on one line")
            continue
        try:
            rows.append(model.model_validate(dict(zip(expected, cells, strict=True))))
            where.append(place)
        except ValidationError as error:
            for item in error.errors():
                column = str(item["loc"][0])
                value = cells[expected.index(column)]
                faults.append(f"{place}, column {column}: {value!r}: {_plain(item)}")
            if unsound is not None:
                unsound.append((dict(zip(expected, cells, strict=True)), place))
    return rows, where, keys


def _plain(item: Any) -> str:
    message = str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "literal_error":
        expected = str(item["ctx"]["expected"])
        words = re.findall(r"'([^']+)'", expected)
        return f"expected one of {expected}{_hint(str(item['input']), words)}"
    if item["type"] == "string_pattern_mismatch":
        return f"expected text of the form {item['ctx']['pattern']}"
    if item["type"] == "string_too_short":
        return "must not be empty"
    return message


def _duplicates(rows: list[Any], places: list[str], key: str) -> Iterable[str]:
    seen: dict[str, str] = {}
    for row, place in zip(rows, places, strict=True):
        value = getattr(row, key)
        if value in seen:
            yield f"{place}, column {key}: {value!r} is already used at {seen[value]}; keys are unique"
        seen.setdefault(value, place)


def _hint(value: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(value, [k for k in known if k], n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


def _dangling(place: str, column: str, value: str, known: Iterable[str], file: str) -> str:
    return f"{place}, column {column}: {value!r} is not in {file}{_hint(value, known)}"


def _words_of(
    row: Mapping[str, Any], place: str, keyed: dict[str, set[str]], units: dict[str, str]
) -> Iterable[str]:
    """Words of a figure's row that are in no vocabulary, and a unit that is not its metric's."""
    known = {"entity": "entities", "metric": "metrics", "basis": "bases", "source": "sources"}
    for column, table in known.items():
        value = row[column]
        if value not in keyed[table] and (value or column != "basis"):
            yield _dangling(place, column, value, keyed[table], f"{table}.csv")
    metric, unit = row["metric"], row["unit"]
    if metric in units and unit != units[metric]:
        yield (
            f"{place}, column unit: {unit!r}: {metric} is counted in {units[metric]!r} (metrics.csv)"
        )


def _cross_faults(
    tables: dict[str, list[Any]], places: dict[str, list[str]], keyed: dict[str, set[str]]
) -> Iterable[str]:
    # A row that is at fault itself still has its key: it must not make every row that names it
    # look wrong too.
    sources, entities = keyed["sources"], keyed["entities"]
    units = {r.metric: r.unit for r in tables["metrics"]}
    for row, place in zip(tables["facts"], places["facts"], strict=True):
        yield from _words_of(vars(row), place, keyed, units)
        if row.period_end < row.period_start:
            yield f"{place}, column period_end: {row.period_end} is before {row.period_start}"
        if row.rank != "normal" and not row.rank_reason:
            yield f"{place}, column rank_reason: empty; a {row.rank} figure says why"
        step = 10.0 ** (-row.decimals)
        if abs(row.value / step - round(row.value / step)) > 1e-6:
            yield (
                f"{place}, column decimals: {row.decimals} means steps of {step:g}, but the value "
                f"{row.value:g} is finer"
            )
    for row, place in zip(tables["events"], places["events"], strict=True):
        for column in ("source", "outcome_source"):
            value = getattr(row, column)
            if value and value not in sources:
                yield _dangling(place, column, value, sources, "sources.csv")
        if row.outcome and not row.outcome_source:
            yield f"{place}, column outcome_source: empty; an outcome needs a source of its own"
    for row, place in zip(tables["plants"], places["plants"], strict=True):
        if row.plant not in entities:
            yield _dangling(place, "plant", row.plant, entities, "entities.csv")
        for value in row.sources.split():
            if value not in sources:
                yield _dangling(place, "sources", value, sources, "sources.csv")
    for row, place in zip(tables["assumptions"], places["assumptions"], strict=True):
        if not row.low <= row.value <= row.high:
            yield f"{place}, column value: {row.value:g} is outside {row.low:g} to {row.high:g}"
