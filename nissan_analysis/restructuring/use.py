"""How full the plants are: by plant, by region, before and after the plan on paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..ledger import Ledger
from ..quantity import Quantity, counted, total, worst
from ..tables import Column, Table, text_columns
from ..wording import Phrase, joined, phrase
from .plan import break_even, cars, percent, span
from .plants import NOT_NISSAN, capacity, disputed, ending, seven

#: Plants whose output is a country's less that of its only other plant.
REST = {"canton": ("nissan_us", "smyrna")}
LATE = (dt.date(2025, 7, 15), dt.date(2025, 12, 31))


@dataclass(frozen=True)
class Use:
    """How full a plant was in its latest year known."""

    plant: str
    label: str
    year: str
    output: Quantity | None
    capacity: Quantity
    rate: Quantity  #: as a ratio
    going: bool
    printed: Quantity | None = None  #: the rate as a source prints it
    disputed: tuple[Quantity, ...] = ()  #: the rates on other capacities, where that is disputed

    @property
    def said(self) -> Phrase:
        """The rate: as a source prints it, or as it follows from output and capacity."""
        if self.printed is not None:
            return phrase("{r:q~.0%}", r=self.printed)
        return percent(self.rate)

    @property
    def idle(self) -> Quantity:
        """Capacity not used, in vehicles."""
        if self.output is not None:
            return cars(self.capacity) - self.output
        return cars(self.capacity) - (cars(self.capacity) * self.rate).in_unit("vehicles")


def uses(ledger: Ledger) -> list[Use]:
    """Plants outside China whose use in some year is known or follows, fullest first."""
    found = [
        use_of(ledger, plant.plant)
        for plant in ledger.plants.values()
        if plant.country != "China" and plant.plant not in NOT_NISSAN
    ]
    return sorted((u for u in found if u is not None), key=lambda u: -u.rate.value)


def use_of(ledger: Ledger, key: str) -> Use | None:
    """How full one plant was in the latest year known, or None."""
    return next(iter(_years(ledger, key)), None)


def _years(ledger: Ledger, key: str) -> Iterator[Use]:
    """How full one plant was in each year known, the latest first."""
    plant, room = ledger.plants[key], capacity(ledger, key)
    if room is None:
        return
    going = ending(ledger, key)
    for year in range(ledger.as_of.year, 2022, -1):
        for period in (f"{year}", f"FY{year}"):
            output = _output(ledger, key, period)
            if output is not None:
                rate, *others = (
                    worst(lambda built, most: built / most, output, cars(most))
                    for most in (room, *disputed(ledger, key, room))
                )
                yield Use(
                    plant.plant, plant.label, period, output, room, rate, going, None, tuple(others)
                )
                break
            rate_ = None if key in REST else ledger.find("utilisation", plant.plant, period)
            if rate_ is not None:
                yield Use(plant.plant, plant.label, period, None, room, rate_.ratio(), going, rate_)
                break


def earlier(ledger: Ledger, use: Use) -> Phrase | None:
    """How full the plant was in the year known before, or None."""
    found = list(_years(ledger, use.plant))[1:]
    if not found:
        return None
    guess = " (estimate)" if found[0].rate.status == "estimate" else ""
    return phrase("{r}, {y}" + guess, r=found[0].said, y=found[0].year)


def _output(ledger: Ledger, key: str, period: str) -> Quantity | None:
    """A plant's printed output, or what its country's other plants leave of the country's."""
    if key not in REST:
        return ledger.find("production", key, period, derive=False)
    parts = [ledger.find("production", e, period, derive=False) for e in REST[key]]
    whole, other = parts
    return whole - other if whole is not None and other is not None else None


def printed(ledger: Ledger, use: Use) -> Phrase:
    """A plant's output; each side, lower first, where sources differ and nobody settled it."""
    assert use.output is not None
    for conflict in ledger.disagreements([use.plant], ["production"]):
        sides = {f.value: ledger.fact(f.fact) for f in conflict.live}
        if not conflict.settled and any(f.fact in use.output.facts for f in conflict.facts):
            return joined([phrase("{n:q,}", n=sides[v]) for v in sorted(sides)], " or ")
    return span(use.output)


def use_table(ledger: Ledger) -> Table | None:
    """Output, capacity and use of the plants for which a figure exists."""
    rows = [
        (
            u.label,
            u.year,
            printed(ledger, u) if u.output is not None else None,
            u.capacity,
            earlier(ledger, u),
            u.said,
            after_plan(ledger, u),
        )
        for u in uses(ledger)
    ]
    if not rows:
        return None
    columns = (
        *text_columns("Plant", "Year"), Column("Output"), Column("Capacity"), Column("Before"),
        Column("Use"), Column("On paper"),
    )  # fmt: skip
    estimated = any(row[0] == "COMPAS" for row in rows)
    return Table.of(
        "plant-use",
        phrase("Output and capacity of the plants with figures"),
        columns,
        rows,
        phrase(
            "Without an output the printed rate is shown. On paper: the latest output of Kyushu and of Oppama together; "
            "a dash: no change is known. Chennai is left out: "
            "its printed output leaves out Renault's cars."
            + (
                " COMPAS is an estimate by MarkLines, Nissan's and Mercedes-Benz's cars together."
                if estimated
                else ""
            )
        ),
    )


def together(capacity: Quantity, *outputs: Quantity) -> Quantity:
    """Outputs together as a share of a capacity."""
    return worst(lambda room, *built: sum(built[1:], built[0]) / room, cars(capacity), *outputs)


def after_plan(ledger: Ledger, use: Use) -> Phrase | None:
    """What the plan on paper makes of a plant's use; None where it changes nothing known."""
    if use.going:
        return phrase("ends")
    oppama = use_of(ledger, "oppama")
    if use.plant != "kyushu" or use.output is None or oppama is None or oppama.output is None:
        return None
    if ledger.event("oppama-end") is None:
        return None
    return percent(together(use.capacity, use.output, oppama.output))


def plants_text(ledger: Ledger, p: Any) -> Phrase:
    """Where the idle capacity lies, among the plants with figures."""
    found = uses(ledger)
    if len(found) < 3:
        return phrase(
            "Too few plants have both an output and a capacity on record on {day}.",
            day=ledger.as_of,
        )
    stay = [u for u in found if not u.going]
    going = [u for u in found if u.going]
    n = counted(len(found), "plants", [f for u in found for f in u.rate.facts])
    said = "For {n:w} plants outside China use is known or follows from output and capacity."
    values: dict[str, Any] = {"n": n, "level": break_even(ledger, p)}
    if stay and going:
        idle, gone = total([u.idle for u in stay]), total([u.idle for u in going])
        said += (
            " Those that end leave about {gone:~.1m} million vehicles a year unused, those that go on "
            "about {idle:~.1m} million."
        )
        values |= {"idle": idle, "gone": gone}
        exits = seven(ledger)
        both = [u for u in going if u.plant in exits]
        if exits:
            said += (
                " Only {k:w} of the {all:w} exits announced have such figures, so this says where the idle "
                "capacity of these plants lies, not how much of it the plan removes."
            )
            values |= {
                "k": counted(len(both), "plants", [f"plant:{u.plant}" for u in both] or n.facts),
                "all": counted(len(exits), "plants", [f"plant:{e}" for e in exits]),
            }
    return phrase(said, **values)
