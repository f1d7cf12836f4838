"""Reading `data/`: one typed row model per file, and one error that lists every fault.

Values are read as text, so that ``NA``, ``3.30`` and dates arrive as they are written, and are
then validated by pydantic. Nothing is returned unless every file is sound.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from .cells import lines_of, shown, unclean, visible
from .faults import cross_faults, nearest, units_of, words
from .periods import Period

Status = Literal["official", "reported", "estimate", "target", "denied", "cancelled"]
Qualifier = Literal["exact", "about", "nearly", "over", "up_to"]
Rank = Literal["preferred", "normal", "deprecated"]
Rating = Literal["red", "amber", "green"]
EventStatus = Literal[
    "announced",
    "reported",
    "denied",
    "not_confirmed",
    "agreed",
    "cleared",
    "completed",
    "cancelled",
]

EventCategory = Literal[
    "alliance", "export", "finance", "jobs", "leadership", "plants", "product", "production", "technology"
]  # fmt: skip
OutcomeStatus = Literal[
    "", "announced", "agreed", "cleared", "completed", "cancelled", "denied", "reversed", "partly", "lapsed", "open", "not_found"
]  # fmt: skip
PlantStatus = Literal["running", "announced", "closed", "sold", "reported", "cancelled", "peer"]
Region = Literal["japan", "us", "mexico", "uk", "spain", "china", "others", "world"]

#: Years outside these are misprints: no figure is older, no plan reaches further.
YEARS = range(1900, 2101)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_WHOLE = re.compile(r"0|-?[1-9][0-9]?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _number(text: Any) -> Any:
    if not isinstance(text, str) or not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise ValueError("expected a plain number such as 694900 or -28.7")
    return float(text)


def _whole(text: Any) -> Any:
    # 10 ** -decimals has to stay a number that says something.
    if not isinstance(text, str) or not _WHOLE.fullmatch(text) or not -9 <= int(text) <= 6:
        raise ValueError("expected a whole number from -9 to 6, such as 0 or -2")
    return int(text)


def _date(text: Any) -> Any:
    try:
        if not isinstance(text, str) or not _DATE.fullmatch(text):
            raise ValueError
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError("expected a date such as 2024-03-31") from None
    if day.year not in YEARS:
        raise ValueError(f"expected a year from {YEARS[0]} to {YEARS[-1]}")
    return day


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

    @property
    def period(self) -> Period:
        """First and last day."""
        return self.period_start, self.period_end


class SourceRow(Row):
    source: Slug
    publisher: Text
    title: Text
    title_original: str
    url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")]
    published: Day
    published_basis: Literal["stated", "month", "inferred"]
    retells: str
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
    kind: Literal["company", "association", "statistics", "news", "blog"]
    quality: Rating
    quality_reason: Text
    note: str


class EntityRow(Row):
    entity: Key
    label: Text
    kind: Text
    region: Region
    launched: MaybeDay
    equals: str
    definition: Text

    @property
    def terms(self) -> list[tuple[int, str]]:
        """The sum that it equals: sign and entity of each term; empty where it equals none."""
        words = self.equals.split()
        signs = [1, *(1 if sign == "+" else -1 for sign in words[1::2])]
        return list(zip(signs, words[::2], strict=False))


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
    category: EventCategory
    entity: Key
    counterpart: str
    status: EventStatus
    speaker: str
    source: Slug
    outcome: str
    outcome_status: OutcomeStatus
    outcome_date: MaybeDay
    outcome_source: str
    note: str

    @property
    def told_as(self) -> str:
        """The status in words."""
        return self.status.replace("_", " ")

    @property
    def due(self) -> dt.date | None:
        """The day by which it was to have happened, where nothing is known of what became of it."""
        return None if self.outcome or self.outcome_source else self.outcome_date

    def overdue(self, day: dt.date) -> bool:
        """Whether it was to have happened before `day`, and nothing was found."""
        return self.due is not None and self.due < day

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
    region: Region
    opened: Annotated[str, Field(pattern=r"^((19|20)[0-9]{2})?$")]
    status: PlantStatus
    fate: Text
    end_date: MaybeDay
    end_precision: Literal["", "day", "month", "mid_year", "year", "fiscal_year"]
    one_of_seven: Literal["yes", "no", "unclear"]
    sources: Text
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
    used_in: Text
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
    keyed: dict[str, set[str] | None] = {}
    unsound: list[tuple[dict[str, str], str]] = []
    for name, (model, _) in MODELS.items():
        stem = name[:-4]
        tables[stem], places[stem], keyed[stem] = _read(folder / name, name, model, faults)
    tables["facts"], places["facts"] = [], []
    for path in _fact_files(folder, faults):
        rows, where, _ = _read(path, f"facts/{path.name}", FactRow, faults, unsound)
        tables["facts"] += rows
        places["facts"] += where
    keys = {name[:-4]: key for name, (_, key) in MODELS.items()} | {"facts": "fact"}
    units = units_of(tables["metrics"])
    for cells, place in unsound:
        faults += words(cells, place, keyed, units)
    faults += cross_faults(tables, places, keys, keyed)
    if faults:
        raise DataError(faults)
    return tables


def _fact_files(folder: Path, faults: list[str]) -> list[Path]:
    """The CSV files of ``facts/``; a file that would be passed over in silence is a fault."""
    there = sorted(p for p in (folder / "facts").glob("*") if not p.name.startswith((".", "~")))
    files = [p for p in there if p.suffix == ".csv"]
    faults += [
        f"facts/{visible(other.name)}: expected only files that end in .csv; rename or move it"
        for other in there
        if other not in files
    ]
    if not files:
        faults.append("facts/: no CSV file there; expected at least one, such as facts/china.csv")
    return files


def _read(
    path: Path,
    name: str,
    model: type[Row],
    faults: list[str],
    unsound: list[tuple[dict[str, str], str]] | None = None,
) -> tuple[list[Any], list[str], set[str] | None]:
    """Sound rows, the place of each, and the keys of all rows, sound or not.

    The keys are None where the file could not be read to its end: nobody can say then that a
    key is not in it. A row at fault goes to `unsound` as text, so that its words are held
    against the vocabularies in the same run.
    """
    name = visible(name)
    found = lines_of(path, name, faults)
    if found is None:
        return [], [], None
    lines, whole = found
    expected = list(model.model_fields)
    header = lines[0] if lines else []
    if header != expected:
        missing = [c for c in expected if c not in header]
        extra = [shown(c) for c in header if c not in expected]
        twice = sorted({shown(c) for c in header if header.count(c) > 1})
        faults.append(
            f"{name}, row 1: the columns must be {','.join(expected)}"
            + (f"; missing: {', '.join(missing)}" if missing else "")
            + (f"; unknown: {', '.join(extra)}" if extra else "")
            + (f"; twice: {', '.join(twice)}" if twice else "")
            + ("; their order differs" if not missing and not extra and not twice else "")
        )
        return [], [], None
    rows: list[Any] = []
    where: list[str] = []
    keys: set[str] = set()
    for number, cells in enumerate(lines[1:], start=2):
        keys.update(cells[:1])
        place = f"{name}, row {number}"
        if len(cells) != len(expected):
            faults.append(f"{place}: has {len(cells)} cells, expected {len(expected)}")
            continue
        named = dict(zip(expected, cells, strict=True))
        wrong = {column: fault for column, cell in named.items() if (fault := unclean(cell))}
        try:
            row = model.model_validate(named)
        except ValidationError as error:
            for item in error.errors():
                wrong.setdefault(str(item["loc"][0]), _plain(item))
        if wrong:
            faults += [
                f"{place}, column {column}: {shown(named[column])}: {wrong[column]}"
                for column in expected
                if column in wrong
            ]
            if unsound is not None:
                sound = {c: cell for c, cell in named.items() if c not in wrong}
                unsound.append((sound, place))
            continue
        rows.append(row)
        where.append(place)
    return rows, where, keys if whole else None


def _plain(item: Any) -> str:
    message = str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "literal_error":
        expected = str(item["ctx"]["expected"])
        choices = re.findall(r"'([^']+)'", expected)
        return f"expected one of {expected}{nearest(str(item['input']), choices)}"
    if item["type"] == "string_pattern_mismatch":
        return f"expected text of the form {item['ctx']['pattern']}"
    if item["type"] == "string_too_short":
        return "must not be empty"
    return message
