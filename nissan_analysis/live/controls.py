"""Controls made from a report's parameter model: its types, ranges, choices and descriptions."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import ipywidgets as w

from .. import parameters, series
from ..ledger import Ledger
from ..periods import month_end, windows
from ..wording import long_date, long_month
from .parts import Desk

_STYLE = {"description_width": "17rem"}
_LAYOUT = {"width": "100%", "max_width": "46rem"}


@dataclass(frozen=True)
class Control:
    """One parameter: its widget, the row that shows it, and how its value is read."""

    name: str
    widget: Any
    row: Any
    read: Callable[[Any], Any] = lambda value: value

    def value(self) -> Any:
        """The value in JSON types."""
        return self.read(self.widget.value)

    def watch(self, told: Callable[[Any], None]) -> None:
        self.widget.observe(told, "value")


def controls(desk: Desk, ledger: Ledger) -> list[Control]:
    """A control for ``as_of`` and for each of the desk's parameters, in order."""
    model = parameters.MODELS[desk.report]
    schema: dict[str, Any] = model.model_json_schema()["properties"]
    made = [_day(desk, ledger)]
    for name in desk.controls:
        if desk.report == "series" and name in ("metric", "entities"):
            continue
        made.append(_control(name, schema[name], ledger))
    if desk.report == "series":
        made[1:1] = _what(ledger, schema)
    return made


def _what(ledger: Ledger, schema: dict[str, Any]) -> list[Control]:
    """The metric, and the entities that it is known of, which follow it."""
    metrics = [(label, key) for key, label in series.metrics(ledger).items()]
    metric = _made(
        w.Dropdown, "What is counted", options=metrics, value=schema["metric"]["default"]
    )
    known = [(label, key) for key, label in series.entities(ledger, metric.value).items()]
    entities = _made(
        w.SelectMultiple, "Of whom (hold Ctrl for several)", options=known,
        value=tuple(schema["entities"]["default"]), rows=6,
    )  # fmt: skip

    def follow(_: object) -> None:
        found = [(label, key) for key, label in series.entities(ledger, metric.value).items()]
        kept = tuple(key for _, key in found if key in entities.value)
        entities.options = found
        entities.value = kept or tuple(key for _, key in found[:1])

    metric.observe(follow, "value")
    most = schema["entities"]["maxItems"]
    return [
        Control("metric", metric, metric),
        Control("entities", entities, entities, lambda value: list(value[:most])),
    ]


def _control(name: str, schema: dict[str, Any], ledger: Ledger) -> Control:
    """The control that fits a parameter's schema.

    Raises
    ------
    TypeError
        For a kind of parameter that has none yet.
    """
    words = schema.get("description", name)
    for option in schema.get("anyOf", [schema]):
        kind = option.get("type")
        if "enum" in option:
            make = w.ToggleButtons if len(option["enum"]) <= 4 else w.Dropdown
            widget = _made(make, words, options=option["enum"], value=schema["default"])
            if make is w.ToggleButtons:
                widget.style = {**_STYLE, "button_width": "auto"}
            return _plain(name, widget)
        if kind in ("integer", "number"):
            return _number(name, words, option, schema, ledger)
        if option.get("pattern") == parameters.MONTH:
            first = dt.date.fromisoformat(schema["default"] + "-01")
            months = [(long_month(a), f"{a:%Y-%m}") for a, _ in windows("ME", first, ledger.as_of)]
            return _plain(
                name, _made(w.SelectionSlider, words, options=months, value=schema["default"])
            )
    raise TypeError(f"There is no control for the parameter {name!r} yet: {schema}.")


def _plain(name: str, widget: Any) -> Control:
    return Control(name, widget, widget)


def _number(
    name: str, words: str, option: dict[str, Any], schema: dict[str, Any], ledger: Ledger
) -> Control:
    whole = option["type"] == "integer"
    low, high = option["minimum"], option["maximum"]
    value = schema["default"]
    assumed = None
    if "assumption" in schema:
        row = ledger.assumptions[schema["assumption"]]
        assumed = value = int(row.value) if whole else float(row.value)
        words += f" (we assume {assumed:,})"
    step = nice_step(high - low, whole)
    slider = _made(
        w.IntSlider if whole else w.FloatSlider, words, value=value, min=low, max=high, step=step,
        readout_format=",d" if whole and high >= 3000 else "d" if whole else ".1f",
    )  # fmt: skip
    # Where the slider stands on our assumption, the report is told to take the assumption.
    return Control(
        name, slider, slider, lambda v: None if assumed is not None and v == assumed else v
    )


def nice_step(span: float, whole: bool) -> float:
    """A step of 1, 2 or 5 times a power of ten, about a hundredth of the span."""
    power = 10.0 ** math.floor(math.log10(span / 100))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= span / 100)
    return max(1, round(step)) if whole else step


def _day(desk: Desk, ledger: Ledger) -> Control:
    """A slider over the days at which something on the desk's subject had come out, with a player."""
    days = vintages(ledger, desk.about, desk.since)
    options = [(long_date(day), day.isoformat()) for day in days]
    options.append((long_date(ledger.as_of), parameters.LATEST))
    slider = _made(w.SelectionSlider, "What was known on", options=options, value=parameters.LATEST)
    last = len(options) - 1
    player = w.Play(min=0, max=last, value=last, interval=700, show_repeat=False)
    player.layout = w.Layout(width="auto")

    def from_the_start(change: Any) -> None:
        if change["new"] and player.value == last:
            player.value = 0

    player.observe(from_the_start, "playing")
    w.jslink((player, "value"), (slider, "index"))
    return Control("as_of", slider, w.HBox([slider, player]))


def vintages(ledger: Ledger, about: Iterable[str], since: dt.date = dt.date.min) -> list[dt.date]:
    """Ends of the months since a day in which a source on these entities (all, if none) came out."""
    names = set(about)
    days = {
        ledger.sources[fact.source].published
        for fact in ledger.facts.values()
        if not names or fact.entity in names
    }
    ends = sorted({month_end(day.year, day.month) for day in days})
    return [day for day in ends if since <= day < ledger.as_of]


def _made(kind: Any, words: str, **settings: Any) -> Any:
    """A widget of the house: one width of labels, one width of rows."""
    return kind(description=words, style=_STYLE, layout=w.Layout(**_LAYOUT), **settings)
