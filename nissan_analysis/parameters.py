"""The parameters of each report: names, types, ranges, choices and defaults.

One frozen pydantic model a notebook. `validate` takes what a person typed or a notebook cell
holds and answers with the model, or with one error that lists every fault. A scenario
parameter whose default is ``None`` stands for an assumption of ``data/assumptions.csv``, named
by ``json_schema_extra={"assumption": key}``.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from .wanted import choices, from_text, wanted

LATEST: Literal["latest"] = "latest"


#: At most this many characters of what was given are told back.
SHOWN = 200


class ParameterError(ValueError):
    """Parameters that no report can be made from; `faults` has one sentence for each."""

    exit_code = 2

    def __init__(self, report: str, faults: list[str]) -> None:
        self.report = report
        self.faults = faults
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        lines = "\n".join(f"  - {fault}" for fault in faults)
        super().__init__(f"{report}: {count} in what was asked for, so nothing was run.\n{lines}")

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the message, and not the way it took through the code."""
        return [f"{self}\nChange it in the parameters cell at the top, then run all cells again."]

    def __reduce__(self) -> tuple[type[ParameterError], tuple[str, list[str]]]:
        return type(self), (self.report, self.faults)


def _once(items: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({item for item in items if items.count(item) > 1})
    if twice:
        raise ValueError(f"'{twice[0]}' is given more than once")
    return items


Peer = Literal["toyota_china", "honda_china", "byd"]
Capacity = Literal["1.6m", "1.5m", "1.0m"]
Partner = Literal[
    "honda",
    "renault",
    "mitsubishi",
    "foxconn",
    "dongfeng",
    "tsinghua",
    "iat",
    "geely",
    "huawei",
    "wayve",
    "chery",
    "mercedes",
]
Plant = Literal[
    "oppama",
    "shonan",
    "tochigi",
    "kyushu",
    "shatai_kyushu",
    "smyrna",
    "canton",
    "civac",
    "compas",
    "aguascalientes_a1",
    "aguascalientes_a2",
    "resende",
    "santa_isabel",
    "sunderland",
    "samut_prakan_1",
    "samut_prakan_2",
    "chennai",
    "rosslyn",
    "egypt",
    "changzhou",
    "wuhan",
    "huadu",
    "xiangyang",
    "zhengzhou",
    "dalian",
]
#: Beside Nissan's plants in use: an older closure, a project that was dropped, and a peer.
AnyPlant = Literal[Plant, "barcelona", "kitakyushu_battery", "yancheng"]
MONTH = r"^20\d\d-(0[1-9]|1[0-2])$"


def _assumed(key: str, description: str, **limits: float) -> Any:
    """A scenario parameter that stands for the assumption `key` unless it is given."""
    extra = {"assumption": key}
    return Field(default=None, description=description, json_schema_extra=extra, **limits)  # type: ignore[call-overload]


BREAK_EVEN = _assumed(
    "breakeven_utilisation", "Utilisation at which a plant breaks even, in percent", ge=50, le=100
)


class Parameters(BaseModel):
    """What every report takes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    as_of: date | Literal["latest"] = Field(
        default=LATEST,
        description="What was known on this day: sources published later are left out",
    )


class ChinaSales(Parameters):
    """The sales decline in China."""

    first_year: int = Field(
        default=2010, ge=2010, le=2024, description="First year of the annual series"
    )
    peers: Annotated[tuple[Peer, ...], AfterValidator(_once)] = Field(
        default=get_args(Peer), description="Whom Nissan is compared with"
    )
    capacity: Capacity = Field(
        default="1.5m",
        description="Yearly capacity in China that utilisation is measured against",
    )
    break_even_utilisation: int | None = BREAK_EVEN
    export_volume: int | None = _assumed(
        "china_export_volume",
        "Vehicles exported from China a year, in the scenario",
        ge=0,
        le=1_000_000,
    )
    domestic_path: float | None = _assumed(
        "china_domestic_path",
        "Yearly change of output for China over three years, in the scenario, in percent",
        ge=-50,
        le=50,
    )


class SakuraShare(Parameters):
    """The Sakura's share of Japan's EV market."""

    basis: Literal["calendar", "fiscal"] = Field(
        default="calendar", description="Which year totals are over"
    )
    first_month: str = Field(
        default="2022-05",
        pattern=MONTH,
        description="First month of the monthly series, as YYYY-MM",
    )
    saving_per_car: int | None = _assumed(
        "inhouse_saving",
        "Saving from in-house production, in yen a car",
        ge=0,
        le=1_000_000,
    )
    kyushu_volume: int | None = _assumed(
        "inhouse_volume", "Kei EVs built in Kyushu a year, in the scenario", ge=0, le=500_000
    )
    investment: int | None = _assumed(
        "inhouse_investment", "Investment in Kyushu, in billions of yen", ge=0, le=1_000
    )
    discount_rate: float | None = _assumed(
        "discount_rate",
        "Yearly rate at which later savings are discounted, in percent",
        ge=0,
        le=30,
    )


class Restructuring(Parameters):
    """Jobs, plants, capacity and money of the restructuring."""

    break_even_utilisation: int | None = BREAK_EVEN
    plant: Plant = Field(default="oppama", description="The plant that is looked at closely")
    oppama_foxconn_volume: int | None = _assumed(
        "foxconn_volume",
        "Vehicles a year that Foxconn would have built in Oppama",
        ge=0,
        le=400_000,
    )


class PlantSheet(Parameters):
    """One page on one plant."""

    plant: AnyPlant = Field(default="oppama", description="The plant that the sheet is about")
    break_even_utilisation: int | None = BREAK_EVEN


class Alliances(Parameters):
    """The alliances and what became of them."""

    partners: Annotated[tuple[Partner, ...], AfterValidator(_once)] = Field(
        default=get_args(Partner), description="Which partners are told of"
    )


class Briefing(Parameters):
    """Two pages for someone with five minutes."""

    since: date | None = Field(
        default=None,
        description="First day of 'what changed'; twelve months before as_of unless given",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Briefing:
        if self.since and isinstance(self.as_of, date) and self.since >= self.as_of:
            raise ValueError(f"since ({self.since}) must be earlier than as_of ({self.as_of})")
        return self


#: The form of a key in `data/`; whether there is such a one the ledger says.
Word = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
WordOfBasis = Annotated[str, Field(pattern=r"^[a-z0-9_]+(:[a-z0-9_]+)?$")]


class SeriesSheet(Parameters):
    """Any metric of any entities."""

    metric: Word = Field(default="sales", description="What is counted, a key of metrics.csv")
    entities: Annotated[tuple[WordOfBasis, ...], AfterValidator(_once)] = Field(
        default=("nissan_china", "toyota_china", "honda_china"),
        max_length=6,
        description="Whom it is counted of, up to six; entity:basis for another definition",
    )
    freq: Literal["calendar", "fiscal", "monthly"] = Field(
        default="calendar", description="Calendar years, fiscal years or months"
    )


MODELS: dict[str, type[Parameters]] = {
    "briefing": Briefing,
    "china_sales": ChinaSales,
    "sakura_share": SakuraShare,
    "restructuring": Restructuring,
    "alliances": Alliances,
    "plant": PlantSheet,
    "series": SeriesSheet,
}


def report_named(name: str) -> str:
    """The report meant by `name`; ``china-sales`` and ``china_sales`` are the same.

    Raises
    ------
    ParameterError
        For a report that does not exist, with the nearest right name.
    """
    report = name.replace("-", "_")
    if report not in MODELS:
        fault = f"There is no report of this name.{nearest(report, MODELS)} Reports: {', '.join(MODELS)}."
        raise ParameterError(name, [fault])
    return report


def validate(report: str, raw: Mapping[str, Any]) -> Parameters:
    """The parameters of `report` from text (a command line) or JSON types (a notebook cell).

    Raises
    ------
    ParameterError
        Listing every fault: the parameter, what was given, what is expected, and for an unknown
        name the nearest right one.
    """
    report = report_named(report)
    model = MODELS[report]
    schema: dict[str, Any] = model.model_json_schema()["properties"]
    faults: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, given in raw.items():
        if name not in schema:
            known = ", ".join(schema)
            faults[name] = (
                f"{name[:SHOWN]}: no such parameter.{nearest(name, schema)} {report} takes: {known}."
            )
        else:
            values[name] = from_text(_plain(given), schema[name])
    try:
        parameters = model.model_validate_json(json.dumps(values, default=repr), strict=True)
    except ValidationError as error:
        for problem in error.errors():
            name = str(problem["loc"][0]) if problem["loc"] else ""
            faults.setdefault(
                name, _fault(name, raw, schema, str(problem["msg"]), str(problem["type"]))
            )
        raise ParameterError(report, list(faults.values())) from None
    if faults:
        raise ParameterError(report, list(faults.values()))
    return parameters


def as_json(parameters: Parameters) -> dict[str, Any]:
    """The parameters in plain JSON types, in the order of the model: what papermill is given."""
    return parameters.model_dump(mode="json")


def _fault(
    name: str, raw: Mapping[str, Any], schema: dict[str, Any], message: str, kind: str
) -> str:
    own_words = message.removeprefix("Value error, ")
    if not name:
        return own_words + "."
    given = raw.get(name)
    shown = f"'{given}'" if isinstance(given, str) else str(_plain(given))
    shown = shown if len(shown) <= SHOWN else f"{shown[: SHOWN - 4]}...'"
    why = f" {own_words};" if kind == "value_error" else ""
    given_items = (
        given.split(",")
        if isinstance(given, str)
        else given
        if isinstance(given, list | tuple)
        else []
    )
    allowed = choices(schema[name])
    wrong = [str(item).strip() for item in given_items if str(item).strip() not in allowed]
    hint = nearest(wrong[0], allowed) if wrong else ""
    return f"{name}: got {shown};{why} expected {wanted(schema[name])}.{hint}"


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that asks whether the likest of `known` was meant; empty where none is like it."""
    close = difflib.get_close_matches(name, known, n=1)
    return f" Did you mean '{close[0]}'?" if close else ""


def _plain(given: Any) -> Any:
    """Dates as ISO text, tuples as lists, text without bytes that are none: the types JSON has."""
    if isinstance(given, str):
        return given.encode("utf-8", "backslashreplace").decode()
    if isinstance(given, date):
        return given.isoformat()
    if isinstance(given, list | tuple | set | frozenset):
        return [_plain(item) for item in given]
    return given
