"""How much capacity goes, and how the printed figures fit together."""

from __future__ import annotations

from typing import Any

from ..china.capacity import chosen_capacity
from ..ledger import Ledger
from ..quantity import share, total
from ..tables import Column, Table
from ..wording import Phrase, listed, phrase
from .plan import plan, told_in
from .plants import THAI, capacity, seven


def capacity_table(ledger: Ledger) -> Table | None:
    """Which printed capacity figure means what."""
    plan_ = plan(ledger)
    rows: list[tuple[Any, ...]] = []
    first, later = told_in(ledger, "turnaround-2024"), told_in(ledger, "re-nissan")
    old = ledger.find("capacity", "nissan", "FY2023", status=("target",))
    if old is not None:
        told = phrase("Nissan NEXT, {d}", d=told_in(ledger, "nissan-next"))
        rows.append((told, "worldwide", None, old, "FY2023"))
    if plan_.wide_left is not None:
        rows.append(
            (
                phrase("First plan, {d}", d=first),
                "with China",
                plan_.wide,
                plan_.wide_left,
                "FY2026",
            )
        )
    if plan_.capacity_left is not None:
        rows.append(
            (
                phrase("Re:Nissan, {d}", d=later),
                "without China",
                plan_.capacity,
                plan_.capacity_left,
                "FY2027",
            )
        )
    if plan_.capacity_left is not None and plan_.reserve is not None:
        rows.append(("", "reserve on top", None, plan_.reserve, "FY2027"))
    if plan_.capacity_left is not None and plan_.alliance is not None:
        rows.append(("", "at partners", None, plan_.alliance, "FY2027"))
    if not rows:
        return None
    columns = (
        Column("Plan", align="left"),
        Column("What it counts", align="left"),
        Column("Before", "q~,"),
        Column("Target", "q~,"),
        Column("By", align="left"),
    )
    return Table.of(
        "capacity-figures",
        phrase("The capacity targets in circulation"),
        columns,
        rows,
        phrase("Vehicles a year. Targets are plans, not outcomes."),
    )


def reconcile(ledger: Ledger) -> Phrase | None:
    """Whether the two capacity plans fit each other."""
    plan_ = plan(ledger)
    wide, wide_left, now = plan_.wide, plan_.wide_left, plan_.capacity
    if wide is None or wide_left is None or now is None or plan_.capacity_left is None:
        return None
    if plan_.reserve is None:
        return None
    china = ledger.find("capacity", "nissan_china", "2025-02-01", "planned", ("target",))
    gap = wide - now
    said = (
        "The two plans are not rivals. The {wide:q.1m} million of {first} counts China, the "
        "{now:.1m} million of {later} does not; the difference is {gap:.1m} million."
    )
    reported = chosen_capacity(ledger)
    if reported is not None and reported[1].status == "reported":
        said += " The press reports {there:.1m} million as Nissan's capacity in China."
    if china is not None:
        said += (
            " The targets fit too: {wide_left:.1m} million less the {china:.1m} million that a "
            "reported cut would leave in China is {rest:.1m} million, the same as {left:.1m} million with the {reserve:.1m} "
            "million of reserve. That reading is ours."
        )
    return phrase(
        said,
        wide=wide,
        now=now,
        gap=gap,
        china=china,
        wide_left=wide_left,
        left=plan_.capacity_left,
        reserve=plan_.reserve,
        rest=wide_left - china if china is not None else gap,
        there=reported[1] if reported is not None else None,
        first=told_in(ledger, "turnaround-2024"),
        later=told_in(ledger, "re-nissan"),
    )


def parts_of_the_cut(ledger: Ledger) -> Phrase | None:
    """The nameplates of the closing plants against the capacity that is to go."""
    plan_ = plan(ledger)
    if plan_.capacity is None or plan_.capacity_left is None or len(seven(ledger)) < 7:
        return None
    rooms = {p: capacity(ledger, p) for p in seven(ledger)}
    known = {p: q for p, q in rooms.items() if q is not None and p not in THAI}
    thai = [q for p in THAI if (q := capacity(ledger, p)) is not None]
    missing = [ledger.plants[p].label for p, q in rooms.items() if q is None]
    if len(known) < 2 or not thai or not missing:
        return None
    cut = plan_.capacity - plan_.capacity_left
    some = total(known.values())
    more = some + min(thai, key=lambda q: q.value)
    if not more > cut.value:
        return None
    return phrase(
        "The exits do not add up to the cut on nameplates. {names} have a printed capacity of "
        "{some:~.1m} million a year together, {more:~.1m} million with the smaller Thai plant, while {missing} are not "
        "known at all; the plan is to take out {cut:~.1m} million. Chennai's figure includes Renault's cars and "
        "COMPAS is half Mercedes-Benz's, so Nissan must count them otherwise, or count the "
        "{now:.1m} million lower than the nameplates.",
        names=listed([ledger.plants[p].label for p in known]),
        some=some,
        more=more,
        missing=listed(missing),
        cut=cut,
        now=plan_.capacity,
    )


def capacity_text(ledger: Ledger) -> Phrase:
    """How much capacity is to go by which plan."""
    plan_, told = plan(ledger), told_in(ledger, "turnaround-2024")
    if plan_.capacity is not None and plan_.capacity_left is not None:
        return phrase(
            "The plan is to lower capacity outside China from **{a:.1m} million to {b:.1m} million** vehicles a year by "
            "FY2027, {c:~.0%} less.",
            a=plan_.capacity,
            b=plan_.capacity_left,
            c=share(plan_.capacity - plan_.capacity_left, plan_.capacity),
        )
    if plan_.wide is not None and plan_.wide_left is not None:
        return phrase(
            "The plan of {told} is to lower capacity from {a:q.1m} to {b:.1m} million vehicles a "
            "year, China included.",
            a=plan_.wide,
            b=plan_.wide_left,
            told=told,
        )
    cut = ledger.find("capacity_cut", "nissan", "2024-11-07", "incl_china", ("target",))
    if cut is not None:
        return phrase("The plan of {told} is to cut capacity by {c:.0%}.", c=cut, told=told)
    return phrase(
        "No capacity cut beyond those of earlier plans is on record on {day}.", day=ledger.as_of
    )
