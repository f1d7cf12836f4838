"""The plants: their names, which seven go, what becomes of each, and their capacity and people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from ..ledger import Ledger
from ..quantity import Quantity
from ..tables import Column, Table, text_columns
from ..wording import MONTHS, Phrase, cited, long_month, lowered, phrase, stray_digits

#: The seven in the order in which they were announced, with the event that announced each.
ANNOUNCED = {
    "santa_isabel": "santa-isabel-announced",
    "chennai": "chennai-agreed",
    "samut_prakan_1": "thailand-named",
    "oppama": "oppama-end",
    "civac": "civac-end",
    "compas": "compas-end",
    "rosslyn": "rosslyn-chery",
}
#: Two plants that become one; which of them ends is open.
THAI = ("samut_prakan_1", "samut_prakan_2")
NOT_NISSAN = ("yancheng", "kitakyushu_battery", "barcelona")


def label(ledger: Ledger, key: str) -> Phrase:
    """What a plant is called."""
    return worded(ledger, key, ledger.plants[key].label)


def worded(ledger: Ledger, key: str, text: str) -> Phrase:
    """Text of a plant's row, which vouches for its digits; a part that holds some is left out as
    long as no source of the row is out."""
    if ledger.plants[key].sources:
        return cited(text, f"plant:{key}")
    parts = [part for part in text.split(", ") if not stray_digits(part)]
    return phrase("{text}", text=", ".join(parts) or "the plant")


def seven(ledger: Ledger) -> list[str]:
    """Exits of the plan that are announced at this date, in order of announcement."""
    if ledger.event("re-nissan") is None:
        return []
    return [p for p, told in ANNOUNCED.items() if ledger.event(told) is not None]


def ending(ledger: Ledger, key: str) -> bool:
    """Whether an end or a sale of a plant is announced or reported at this date."""
    if key == "shonan" and ledger.event("shonan-end") is not None:
        return True
    return ledger.plants[key].end_date is not None or key in seven(ledger)


def end_text(plant: Any) -> Phrase:
    """When a plant ends, to the precision known; a fiscal year is called by the year it begins in."""
    if plant.end_date is None:
        return Phrase("–", "–")
    if plant.end_precision == "day":
        return phrase("{d}", d=plant.end_date)
    if plant.end_precision == "fiscal_year":
        return phrase("{y} (to {d})", y=fiscal_year(plant), d=long_month(plant.end_date))
    if plant.end_precision == "mid_year":
        return phrase("mid-{d}", d=f"{plant.end_date.year}")
    month = f"{MONTHS[plant.end_date.month - 1]} " if plant.end_precision == "month" else ""
    return phrase("{d}", d=f"{month}{plant.end_date.year}")


def fiscal_year(plant: Any) -> str:
    """The fiscal year at whose end a plant's own end is put."""
    return f"FY{plant.end_date.year - 1}"


def fate_text(ledger: Ledger, plant: Any) -> Phrase:
    """What is known of a plant; the latest event about it where the fate is not known yet."""
    if plant.fate:
        return cited(plant.fate, f"plant:{plant.plant}", plant.label)
    about = ledger.events_about(plant.plant)
    if about:
        return cited(about[-1].title, f"event:{about[-1].event}", plant.label)
    return Phrase("not known at this date", "not known at this date")


def origins(plants: Iterable[str]) -> list[str]:
    return [f"plant:{p}" for p in plants]


def place(plant: Any) -> Phrase:
    """A plant and its country; digits in a name are vouched for by the plant's own row."""
    return cited(f"{plant.label}, {plant.country}", f"plant:{plant.plant}")


#: The staff figure of a plant that is told: the widest count first, else the jobs said to be affected.
STAFF = (
    ("employees", ("whole_site", "incl_development", None, "permanent", "production_staff")),
    ("jobs_affected", (None,)),
)


def staff_row(ledger: Ledger, plant: str) -> Any:
    """The latest staff figure of a plant, in the row that printed it first; None without any.

    Later articles repeat a count without its day.
    """
    for metric, bases in STAFF:
        for basis in bases:
            if found := ledger.latest(metric, plant, basis):
                rows = ledger.rows(metric, plant, basis)
                last = next(r for r in rows if r.fact in found.quantity.facts)
                return min((r for r in rows if r.value == last.value), key=lambda r: r.period_end)
    return None


def people(ledger: Ledger, plant: str) -> Phrase | None:
    """The staff figure of a plant, with whom it counts where that is limited."""
    row = staff_row(ledger, plant)
    if row is None:
        return None
    words = [ledger.bases[row.basis].label] if row.basis else []
    words += ["jobs affected"] if row.metric == "jobs_affected" else []
    words = [lowered(w) for w in words] + [f"{row.period_end.year}"]
    return phrase("{n:q~,} ({w})", n=ledger.fact(row.fact), w=", ".join(words))


def disputed(ledger: Ledger, plant: str, room: Quantity) -> list[Quantity]:
    """Other capacities of a plant that contradict `room`, where nobody settled it."""
    rows = ledger.rows("capacity", plant, "*", ("official", "reported"))
    own = {ledger.facts[fact].value for fact in room.facts}
    found = {r.value: r for r in rows if r.rank_reason.startswith("open:") and r.value not in own}
    return [ledger.fact(row.fact) for row in found.values()]


def as_planned(row: Any) -> bool:
    """Whether a capacity may have been a plan when it was printed."""
    return bool(row.note.startswith("Plan or state of"))


def room_text(ledger: Ledger, plant: str) -> Phrase | None:
    """A plant's capacity with its year, the other side of a dispute, and whether it may be a plan."""
    room = capacity(ledger, plant)
    if room is None:
        return None
    row = ledger.facts[room.facts[0]]
    said = "{n:q~,} ({y}" + (", plan or state" if as_planned(row) else "")
    other = disputed(ledger, plant, room)
    said += "; disputed: {o:q~,})" if other else ")"
    return phrase(said, n=room, y=f"{row.period_end.year}", o=other[0] if other else None)


def capacity(ledger: Ledger, plant: str) -> Quantity | None:
    """The capacity that most sources print, the latest on a tie; exact rather than "up to"."""
    rows = ledger.rows("capacity", plant, "*", ("official", "reported"))
    if not rows:
        return None
    often = Counter(r.value for r in rows)
    best = max(rows, key=lambda r: (often[r.value], r.qualifier == "exact", r.period_end, r.fact))
    return ledger.fact(best.fact)


#: Whom a staff figure counts, the builders of cars first: the site's other people may stay.
STAKE = (
    ("employees", "production_staff", "production staff"),
    ("employees", "permanent", "permanent staff of the site"),
    ("employees", None, "staff of the site"),
    ("jobs_affected", None, "jobs said to be affected"),
    ("employees", "whole_site", "staff of the whole site"),
)


def at_stake(ledger: Ledger, plant: str) -> Phrase | None:
    """The people whom an exit is about, and who they are; not all of them lose their jobs."""
    for metric, basis, words in STAKE:
        if found := ledger.latest(metric, plant, basis):
            return phrase("{w} {n:q~,}", w=words, n=found.quantity)
    return None


def refuted(ledger: Ledger, key: str) -> bool:
    """Whether a company denied what was reported of a plant."""
    return any(e.status == "denied" for e in ledger.events_about(key))


def end_told(ledger: Ledger, plant: Any) -> Phrase:
    """When a plant ends; called a report where no owner announced it."""
    if plant.status != "reported" or plant.end_date is None:
        return end_text(plant)
    more = "reported and denied" if refuted(ledger, plant.plant) else "reported"
    return phrase("{d}, " + more, d=end_text(plant))


def others(ledger: Ledger) -> Table | None:
    """What is known of every plant that is not one of the exits named; of the Thai two, both are."""
    named = seven(ledger)
    told = (*NOT_NISSAN, *named, *(THAI if THAI[0] in named else ()))
    known = [
        plant
        for plant in ledger.plants.values()
        if plant.plant not in told and (plant.fate or ending(ledger, plant.plant))
    ]
    if not known:
        return None
    rows = [
        (
            place(plant),
            fate_text(ledger, plant),
            end_told(ledger, plant) if ending(ledger, plant.plant) else None,
            people(ledger, plant.plant),
            room_text(ledger, plant.plant),
        )
        for plant in known
    ]
    columns = (
        *text_columns("Plant", "What is known", "Ends"), Column("People"), Column("Capacity a year"),
    )  # fmt: skip
    return Table.of(
        "other-plants",
        phrase("What is known of the other plants, China's included"),
        columns,
        rows,
        phrase(
            "A dash: not found, or no end announced or reported. People: latest figure, the widest count. The years of "
            "people and capacities are those of the figures, some of them old."
        ),
    )
