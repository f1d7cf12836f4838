"""The plants: which seven, and what becomes of each."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..ledger import Ledger
from ..quantity import Quantity, counted
from ..tables import Column, Table
from ..wording import MONTHS, Phrase, capital, cited, listed, phrase
from .plan import plan

#: The seven in the order in which they were announced, with the event that announced each.
ANNOUNCED = {
    "santa_isabel": "santa-isabel-announced",
    "chennai": "chennai-agreed",
    "samut_prakan_1": "thailand-2025",
    "oppama": "oppama-end",
    "civac": "civac-end",
    "compas": "compas-end",
    "rosslyn": "rosslyn-chery",
}
#: The list that the press printed on 17 May 2025.
PRESS_LIST = ("oppama", "shonan", "rosslyn", "chennai", "santa_isabel", "civac", "compas")
#: Two plants that become one; which of them ends is open.
THAI = ("samut_prakan_1", "samut_prakan_2")
#: What a name stands for, at its first use.
CALLED = {
    "samut_prakan_1": "one of two at Samut Prakan",
    "civac": "CIVAC (at Cuernavaca)",
    "compas": "COMPAS (at Aguascalientes, half Mercedes-Benz's)",
}
NOT_NISSAN = ("yancheng", "kitakyushu_battery", "barcelona")


def event(ledger: Ledger, key: str) -> Any:
    """See `Ledger.event`."""
    return ledger.event(key)


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
    """When a plant ends, to the precision known."""
    if plant.end_date is None:
        return Phrase("–", "–")
    if plant.end_precision == "day":
        return phrase("{d}", d=plant.end_date)
    month = f"{MONTHS[plant.end_date.month - 1]} " if plant.end_precision == "month" else ""
    return phrase("{d}", d=f"{month}{plant.end_date.year}")


def fate_text(ledger: Ledger, plant: Any) -> Phrase:
    """What is known of a plant; the latest event about it where the fate is not known yet."""
    if plant.fate:
        return cited(plant.fate, f"plant:{plant.plant}", plant.label)
    about = ledger.events_about(plant.plant)
    if about:
        return cited(about[-1].title, f"event:{about[-1].event}", plant.label)
    return Phrase("not known at this date", "not known at this date")


def seven_table(ledger: Ledger) -> Table | None:
    """The plant exits, with Nissan's running count where a source prints it."""
    rows, counts = [], _running_count(ledger)
    for key in seven(ledger):
        plant, told = ledger.plants[key], ledger.event(ANNOUNCED[key])
        count = phrase("{n:o}", n=ledger.fact(counts[key])) if key in counts else None
        rows.append(
            (
                phrase("One of two at Samut Prakan, Thailand") if key in THAI else _place(plant),
                told.date if told else None,
                count,
                end_text(plant),
                fate_text(ledger, plant),
            )
        )
    if not rows:
        return None
    columns = (
        Column("Plant", align="left"),
        Column("Announced", align="left"),
        Column("Count", align="left"),
        Column("Ends", align="left"),
        Column("What becomes of it", align="left"),
    )
    return Table.of(
        "seven-plants",
        phrase(
            "Plant exits announced, as far as sources of this date show: {n:w}",
            n=counted(len(rows), "plants", _origins(seven(ledger))),
        ),
        columns,
        rows,
        phrase(
            "Count: Nissan's running count as printed. The two Thai plants become one and count "
            "once. End dates are those announced.{late}",
            late=_overdue(ledger),
        ),
    )


def _overdue(ledger: Ledger) -> Phrase:
    """Exits whose announced date has passed without a source that confirms them."""
    found = [
        p.label for k in seven(ledger)
        if k not in THAI and (p := ledger.plants[k]).status == "announced"
        and p.end_date is not None and p.end_date < ledger.as_of
    ]  # fmt: skip
    if not found:
        return phrase("")
    return phrase(
        " For {names} the date has passed and no source confirms the end.", names=listed(found)
    )


def _running_count(ledger: Ledger) -> dict[str, str]:
    """For each printed running count, the exit announced last before it: plant to fact."""
    told = {k: e.date for k, name in ANNOUNCED.items() if (e := ledger.event(name)) is not None}
    found: dict[str, str] = {}
    for fact in ledger.rows("plants_closing_announced", "nissan", "excl_china"):
        before = [k for k, day in told.items() if day <= fact.period_end]
        if before:
            found.setdefault(max(before, key=lambda k: told[k]), fact.fact)
    return found


def _origins(plants: list[str] | tuple[str, ...]) -> list[str]:
    return [f"plant:{p}" for p in plants]


def _place(plant: Any) -> Phrase:
    """A plant and its country; digits in a name are vouched for by the plant's own row."""
    return cited(f"{plant.label}, {plant.country}", f"plant:{plant.plant}")


def which_plants(ledger: Ledger) -> Phrase:
    """How many plants go, and how many are named."""
    plan_ = plan(ledger)
    if plan_.plants is None or plan_.plants_left is None or plan_.closing is None:
        return phrase("No number of plants to close is on record on {day}.", day=ledger.as_of)
    named = seven(ledger)
    labels = listed([CALLED.get(p, ledger.plants[p].label) for p in named])
    values: dict[str, Any] = {
        "plants": plan_.plants,
        "left": plan_.plants_left,
        "labels": labels,
        "n": counted(len(named), "plants", _origins(named) or ["event:re-nissan"]),
    }
    said = (
        "The plan of 13 May 2025 is to go from **{plants:d} vehicle plants to {left:d}** by FY2027, "
        "{closing:w} fewer."
    )
    if len(named) == round(plan_.closing.value):
        said += (
            " All {closing:w} are named: {labels}. Plants in China are not in the count; that follows from "
            "this list, no source says so in words."
        )
    elif named:
        said += " Announced so far, as far as sources of this date show ({n:w}): {labels}."
    else:
        said += " None of them is announced in the sources of this date."
    return phrase(said, closing=plan_.closing, **values)


def press_list(ledger: Ledger) -> Phrase | None:
    """How the list printed by the press in May 2025 compares with what was announced."""
    if ledger.event("seven-plants-list") is None:
        return None
    told = (
        "On 17 May 2025 the press printed a list of the plants to go (Oppama, Shonan, South Africa, "
        "India, Argentina and two in Mexico), and Nissan called it speculation."
    )
    named = seven(ledger)
    right = [p for p in PRESS_LIST if p in named]
    if len(named) < 7 or ledger.plants["shonan"].one_of_seven != "no":
        return phrase(told + " Which of them is right cannot be told on {day}.", day=ledger.as_of)
    return phrase(
        told + " It was right on {right:w} of {n:w}. It had Shonan, which belongs to the contract "
        "maker Nissan Shatai, and lacked Thailand. That Shonan is not one of Nissan's seven is our "
        "inference: Nissan counted CIVAC as the fifth with Oppama in, COMPAS as the sixth and Rosslyn "
        "as the seventh, which leaves three places for Thailand, Argentina and India.",
        right=counted(len(right), "plants", ["event:seven-plants-list", *_origins(right)]),
        n=counted(len(PRESS_LIST), "plants", ["event:seven-plants-list"]),
    )


# -- fates --------------------------------------------------------------------------------


def people(ledger: Ledger, plant: str) -> Quantity | None:
    """Latest staff figure of a plant, the whole site first; else the jobs said to be affected."""
    for metric in ("employees", "jobs_affected"):
        for basis in ("whole_site", "incl_development", None, "permanent", "production_staff"):
            if found := ledger.latest(metric, plant, basis):
                return found.quantity
    return None


def capacity(ledger: Ledger, plant: str) -> Quantity | None:
    """The capacity that most sources print, the latest on a tie; exact rather than "up to"."""
    rows = ledger.rows("capacity", plant, "*", ("official", "reported"))
    if not rows:
        return None
    often = Counter(r.value for r in rows)
    best = max(rows, key=lambda r: (often[r.value], r.qualifier == "exact", r.period_end, r.fact))
    return ledger.fact(best.fact)


def _known(ledger: Ledger, going: bool) -> list[Any]:
    """Nissan's plants of which something is known, by whether they end or are in doubt."""
    found = []
    for plant in ledger.plants.values():
        ends = ending(ledger, plant.plant)
        if plant.plant not in NOT_NISSAN and (plant.fate or ends) and ends is going:
            found.append(plant)
    return found


def fates(ledger: Ledger, going: bool) -> Table | None:
    """What is known of every plant: those that end, are sold or are in doubt, or the others."""
    known = _known(ledger, going)
    if not known:
        return None
    rows = [
        (
            _place(plant),
            fate_text(ledger, plant),
            *((end_text(plant),) if going else ()),
            people(ledger, plant.plant),
            capacity(ledger, plant.plant),
        )
        for plant in known
    ]
    columns = [
        Column("Plant", align="left"),
        Column("What is known", align="left"),
        Column("Ends", align="left"),
        Column("People"),
        Column("Capacity a year"),
    ]
    if not going:
        columns.pop(2)
    title = (
        "{n:w} plants of which an end or a sale was announced or reported"
        if going
        else "{n:w} plants that go on, as far as is known"
    )
    keys = [plant.plant for plant in known]
    made = phrase(title, n=counted(len(keys), "plants", _origins(keys)))
    return Table.of(
        "fates-going" if going else "fates-staying",
        capital(made),
        columns,
        rows,
        phrase(
            "A dash: not found. People: latest figure, whole site where given, else production staff "
            "or jobs affected. Capacities are of different years, some of them old."
            if not going
            else "A dash: not found. People: latest figure, sources count differently."
        ),
    )


def fates_text(ledger: Ledger) -> Phrase:
    """How many plants the tables hold, and what they leave out."""
    known = [*_known(ledger, True), *_known(ledger, False)]
    if not known:
        return phrase("Of no plant is anything on record on {day}.", day=ledger.as_of)
    return phrase(
        "Sources of this date tell of {n:w} plants that are or were Nissan's or shared, China included. A plant "
        "is in the first table if an end or a sale is announced or was reported.",
        n=counted(len(known), "plants", _origins([p.plant for p in known])),
    )
