"""The sheet of one plant: its fate, its key numbers, who receives its work, what is not known."""

from __future__ import annotations

import re
from typing import Any

from ..ledger import Ledger
from ..quantity import Quantity, counted
from ..tables import Table, event_table
from ..wording import Phrase, capital, capitalised, cited, joined, long_month, lowered, phrase
from .figures import facts_of, fitting, row_lines
from .plan import break_even, cars, percent, plan, span
from .plant_keys import yearly
from .plants import ANNOUNCED, disputed, end_text, label, worded
from .use import REST, printed, use_of

#: Events of these belong to a plant although its name is not in theirs.
RELATED = {
    "compas": ("compas_sale",),
    "kyushu": ("kei_ev_inhouse",),
    "samut_prakan_2": ("samut_prakan_1",),
    "yancheng": ("kia_china",),
}
KICKERS = {
    "peer": "Plant sheet: a peer, not Nissan",
    "cancelled": "Plant sheet: a cancelled project",
}
#: A longer fate is cut at its semicolon for the title; one that starts with a name keeps its capital.
LONG = 80
NAMES = ("Renault", "Infiniti")
#: How an event is told in a title; the others say themselves what they are.
TOLD = {"reported": "Reported: ", "announced": "Announced: ", "agreed": "Agreed: "}


def kicker(ledger: Ledger, p: Any) -> str:
    """What kind of page this is; a peer and a project that was dropped are called so."""
    return KICKERS.get(ledger.plants[p.plant].status, "Plant sheet")


def about(ledger: Ledger, name: str) -> list[Any]:
    """Events of a plant, of deals on it, and those that name it, in order of date."""
    own = re.escape(ledger.plants[name].label.partition(" (")[0])
    keys = {name, *RELATED.get(name, ())}
    return [
        e
        for e in ledger.events
        if keys & {e.entity, *e.counterpart.split("; ")}
        or _own(e, name)
        or (e.category == "plants" and re.search(rf"\b{own}\b", e.title))
    ]


def _own(event: Any, name: str) -> bool:
    return bool(event.entity == name or event.entity.endswith(f"_{name}"))


def _latest_word(name: Phrase, told: list[Any]) -> Phrase:
    """The latest event as a title; a report that was answered is told with the answer."""
    last = told[-1]
    report = next((e for e in told if e.status == "reported" and e.entity == last.entity), None)
    how = TOLD.get(last.status, "")
    if last.answers and report is not None:
        word = "disputed" if last.status == "denied" else "not confirmed"
        last, how = report, f"Reported, and {word}: "
    words = how + last.title.removeprefix("Press: ")
    return phrase("{name}. {w}", name=name, w=cited(words, f"event:{last.event}"))


def events(ledger: Ledger, p: Any, room: float | None = None) -> Table | None:
    """What was said of the plant, and what became of it.

    With a `room` in lines of a page, the events that fit it, and how many are left out.
    """
    title = phrase("What was said of {plant}, and what became of it", plant=label(ledger, p.plant))
    every = about(ledger, p.plant)
    if room is None:
        return event_table(ledger, every, "plant-events", title)
    lines = [row_lines((e.title, 36), (e.outcome, 36)) for e in every]
    ranks = [
        # What was decided comes first, then reports and the answers to them, the newest of each.
        (e.title.startswith("Retelling"), e.answers or e.status == "reported", -e.date.toordinal())
        for e in every
    ]
    shown = [every[i] for i in fitting(ranks, lines, room)]
    left = [f"event:{e.event}" for e in every if e not in shown]
    note = None
    if left:
        n = counted(len(left), "events", left)
        note = capital(phrase("{n:w} more in the facts of this sheet.", n=n))
    return event_table(ledger, shown, "plant-events", title, note=note)


def finding(ledger: Ledger, p: Any) -> tuple[Phrase, Phrase]:
    """The plant and its fate as title, and what is known of it in a few sentences."""
    plant, name, told = ledger.plants[p.plant], label(ledger, p.plant), about(ledger, p.plant)
    rest = ""
    if plant.fate:
        head, rest = plant.fate.rstrip("."), ""
        if len(head) > LONG and "; " in head:
            head, _, rest = head.partition("; ")
        head = head if head.startswith(NAMES) else lowered(head)
        title = phrase("{name}: {fate}", name=name, fate=cited(head, f"plant:{p.plant}"))
    elif told:
        title = _latest_word(name, [e for e in told if _own(e, p.plant)] or told)
    elif facts_of(ledger, p.plant) or plant.sources:
        title = phrase("{name}: no decision about it is on record", name=name)
    else:
        title = phrase("{name}: nothing is on record on {day}", name=name, day=ledger.as_of)
        said = "No source published by this date tells anything of the plant."
        return title, phrase(said)
    return title, _joined(
        _place(ledger, plant),
        cited(f"{capitalised(rest)}.", f"plant:{p.plant}") if rest else None,
        _fate(ledger, plant),
        _use(ledger, p),
        _yearly(ledger, p.plant),
        cited(plant.note, f"plant:{p.plant}") if plant.fate and plant.note else None,
    )


def told(ledger: Ledger, p: Any) -> Phrase:
    """The opening of the sheet as one paragraph, for a longer report."""
    title, said = finding(ledger, p)
    return phrase("**{t}.** {s}", t=title, s=said)


def _joined(*parts: Phrase | None) -> Phrase:
    return joined([part for part in parts if part is not None])


def _place(ledger: Ledger, plant: Any) -> Phrase:
    land = plant.country
    land = f"the {land}" if land.startswith("United") else land
    where = land if plant.city.startswith(plant.label) else f"{plant.city}, {land}"
    said = "The plant in {where}{opened} is run by {who}."
    if plant.status == "cancelled":
        said = "Planned by {who} for {where}."
    elif plant.status == "closed":
        said = said.replace(" is ", " was ")
    known = plant.sources and plant.opened and int(plant.opened) <= ledger.as_of.year
    values = {"who": plant.company, "where": where}
    return phrase(
        said,
        opened=f", opened in {plant.opened}," if known else "," * (", " in where),
        **{k: worded(ledger, plant.plant, v) for k, v in values.items()},
    )


def _fate(ledger: Ledger, plant: Any) -> Phrase | None:
    """What kind of word there is on the plant's end, and whether it is known to be kept."""
    day, end = ledger.as_of, end_text(plant)
    count = plan(ledger).closing
    said = ""
    if not plant.fate and about(ledger, plant.plant):
        said = "What becomes of it is not on record in full by {day}."
    elif plant.status in ("announced", "reported"):
        word = ledger.event(ANNOUNCED.get(plant.plant, ""))
        agreed = word is not None and word.status == "agreed"
        said = "The date agreed for the sale, {end}," if agreed else "The date announced, {end},"
        if plant.status == "reported":
            denied = any(e.status == "denied" for e in about(ledger, plant.plant))
            said = "The press reported it" + (" and the owners denied it" * denied)
            said += "; the date, {end},"
        if plant.end_date is not None and plant.end_date > day:
            said += " is still ahead."
        else:
            found = "not found" in plant.note
            said += " has passed"
            said += "." if found else ", and what happened then was not found."
    elif plant.status == "running" and not plant.fate.startswith("No end"):
        said = "No end of the whole plant is announced or reported by {day}."
    if plant.one_of_seven == "yes" and count is not None:
        said += " It counts as one of the {count:w} plant exits of the plan."
    return phrase(said.strip(), day=day, end=end, count=count) if said else None


def _use(ledger: Ledger, p: Any) -> Phrase | None:
    """Output against capacity and break-even."""
    use, level = use_of(ledger, p.plant), break_even(ledger, p)
    if use is None:
        return None
    own = "parameter:break_even_utilisation" in level.facts
    rule = "the break-even set for this sheet" if own else "the press's rule for breaking even"
    low, high = use.rate.low * 100, use.rate.high * 100
    side = "below" if high < level.value else "above" if low >= level.value else "near"
    values: dict[str, Any] = {"year": use.year, "level": level, "rate": percent(use.rate)}
    if use.output is None:
        said = f"The press put its use in {{year}} at {{rate}}, {side} {{level:.0%}}, {rule}."
        return phrase(said, **values | {"rate": phrase("{n:q.0%}", n=use.printed)})
    if use.disputed:
        rates = [
            phrase("{r} of {n:q~,}", r=percent(rate), n=most)
            for rate, most in zip(
                (use.rate, *use.disputed),
                (use.capacity, *disputed(ledger, p.plant, use.capacity)),
                strict=True,
            )
        ]
        said = "Nissan built {out} vehicles there in {year}: {rates}, as the capacity is disputed."
        return phrase(said, out=printed(ledger, use), year=use.year, rates=joined(rates, " or "))
    made = "{out} vehicles"
    room = "planned capacity" if _planned(ledger, use.capacity) else "capacity"
    if use.output.status == "estimate":
        made += " (an estimate)"
    if p.plant in REST:
        made += ", by what the country's other plant leaves of its output,"
    said = f"It built {made} in {{year}}, {{rate}} of its {room}; {{level:.0%}}, {rule}, "
    said += "would be {need}."
    need = span(cars(use.capacity) * level, wide=0.03)
    return phrase(said, out=printed(ledger, use), need=need, **values)


def _yearly(ledger: Ledger, plant: str) -> Phrase | None:
    """An output a year that was told without its year: said as that, and never as a year's."""
    rate = yearly(ledger, plant)
    if rate is None:
        return None
    rows = ledger.rows("yearly_output", plant)
    since = next((r for r in rows if re.search(r"\bsince \d{4}", r.note)), None)
    said = "A page on the story of {day} gives {n:q~,} vehicles a year{since} and names no single year."
    if len(rows) > 1:
        said = "Pages on the story of {day} give {n:q~,} vehicles a year{since} and name no single year."
    words = cited("", "")
    if since is not None:
        start = re.search(r"since \d{4}", since.note)
        words = cited(
            f", one of them {start[0]}," if start and rows[1:] else "", f"note:{since.fact}"
        )
    return phrase(said, day=long_month(rate[1]), n=rate[0], since=words)


def _planned(ledger: Ledger, room: Quantity) -> bool:
    return any(ledger.facts[fact].basis == "planned" for fact in room.facts)
