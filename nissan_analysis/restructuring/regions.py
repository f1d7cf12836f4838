"""Use of capacity by region, and output of the regions across a change of definition."""

from __future__ import annotations

from typing import Any

from ..china.capacity import chosen_capacity
from ..ledger import Ledger
from ..quantity import Quantity, change, counted, facts_behind, share, total
from ..tables import Column, Table
from ..wording import Phrase, cited, enumerated, long_month, phrase
from .output import RENAULT_OUT, the
from .plan import TARGET, break_even, percent, plan, span
from .plants import capacity, ending
from .use import together

#: Regions whose count of vehicles has no break in FY2024 and FY2025.
NAMES = {
    "nissan_japan": "Japan",
    "nissan_us": "United States",
    "nissan_mexico": "Mexico",
    "nissan_uk": "United Kingdom",
    "nissan_china": "China",
}
#: A use known to this part is one whole percent, else a range, so that both years read in one manner.
KNOWN = 0.005
#: Regions and the plants whose capacities make up theirs; China has one of its own.
REGIONS: dict[str, tuple[str, ...]] = {
    "nissan_japan": ("oppama", "shonan", "tochigi", "kyushu", "shatai_kyushu"),
    "nissan_us": ("smyrna", "canton"),
    "nissan_uk": ("sunderland",),
    "nissan_china": (),
}


def region_table(ledger: Ledger) -> Table | None:
    """Use of capacity by region: the year before the plan, the latest, and after exits on paper."""
    rows: list[tuple[Any, ...]] = []
    now = plan(ledger).output_year
    for entity, plants in REGIONS.items():
        room, left = _rooms(ledger, plants)
        year = ledger.find("production", entity, "2024")
        latest = ledger.find("production", entity, now) if now else None
        if room is None or year is None:
            continue
        said = ledger.find("utilisation", entity, "2024")
        rows.append(
            (
                ledger.entities[entity].label.removeprefix("Nissan in ").removeprefix("the "),
                span(room, wide=0.03),
                _pc(year, room),
                phrase("{r:q~.0%}", r=said) if said else None,
                _pc(latest, room),
                _pc(latest, left),
            )
        )
    plan_ = plan(ledger)
    if plan_.capacity is not None:
        china, world = (ledger.find("production", e, "2024") for e in ("nissan_china", "nissan"))
        year = world - china if world is not None and china is not None else None
        latest = plan_.output
        rows.append(
            (
                "Outside China",
                plan_.capacity,
                _pc(year, plan_.capacity),
                None,
                _pc(latest, plan_.capacity),
                _pc(latest, plan_.capacity_left),
            )
        )
    if not rows:
        return None
    columns = (
        Column("Region", align="left"),
        Column("Capacity"),
        Column("Use 2024"),
        Column("As printed, 2024"),
        Column(f"Use {now}" if now else "Use now"),
        Column("After exits, on paper"),
    )
    return Table.of(
        "region-use",
        phrase("Use of capacity by region, before, now and on paper"),
        columns,
        rows,
        phrase(
            "Capacity: nameplates of different years added up by country, as reported by the press for China, "
            "Nissan's own for outside China. "
            + (
                "On paper: the latest output on the capacity planned to remain; Japan without Oppama and Shonan. "
                if any(row[0] == "Japan" and row[-1] is not None for row in rows)
                else ""
            )
            + "Regions that are missing have no capacity of recent date.{us}",
            us=_implied(ledger, "nissan_us", "the United States"),
        ),
    )


def _implied(ledger: Ledger, entity: str, name: str) -> Phrase:
    """The capacity that a printed use and the output imply, beside the nameplates; empty where they agree."""
    plants = REGIONS[entity]
    said = ledger.find("utilisation", entity, "2024")
    output = ledger.find("production", entity, "2024")
    room, _ = _rooms(ledger, plants)
    if said is None or output is None or room is None:
        return phrase("")
    implied = output / said.ratio()
    if not implied.high < room.low:
        return phrase("")
    kinds = []
    for plant in plants:
        row = ledger.facts[capacity(ledger, plant).facts[0]]  # type: ignore[union-attr]
        of = "for three shifts" if row.basis == "three_shift" else f"of {row.period_end.year}"
        kinds.append(cited(f"{ledger.plants[plant].label}'s {of}", row.fact))
    return phrase(
        " The {r:q~.0%} printed for {name} and the output of 2024 imply a capacity of {implied:~.2m} million; the "
        "nameplates, {kinds}, add up to {room:~.2m} million.",
        r=said, name=name, implied=implied, room=room, kinds=enumerated(kinds),
    )  # fmt: skip


def _pc(output: Quantity | None, room: Quantity | None) -> Phrase | None:
    if output is None or room is None:
        return None
    return percent(together(room, output), KNOWN)


def _rooms(ledger: Ledger, plants: tuple[str, ...]) -> tuple[Quantity | None, Quantity | None]:
    if not plants:
        there = chosen_capacity(ledger)  # the same as in the report on China
        return (there[1] if there else None), None
    rooms = [capacity(ledger, p) for p in plants]
    if any(r is None for r in rooms):
        return None, None
    left = [r for p, r in zip(plants, rooms, strict=True) if not ending(ledger, p)]
    whole = total([r for r in rooms if r is not None])
    gone = len(left) < len(rooms)
    return whole, total([r for r in left if r is not None]) if gone and left else None


def region_text(ledger: Ledger, p: Any) -> Phrase | None:
    """Whether Japan reaches break-even once Oppama and Shonan are gone, on paper."""
    whole, left = _rooms(ledger, REGIONS["nissan_japan"])
    year = plan(ledger).output_year
    output = ledger.find("production", "nissan_japan", year) if year else None
    if whole is None or left is None or output is None:
        return None
    level = break_even(ledger, p)
    now, then = together(whole, output), together(left, output)
    reaches = "reaches" if then.value * 100 >= level.value else "stays below"
    return (
        phrase(
            "Japan "
            + reaches
            + " {level:.0%} even without Oppama and Shonan: the {year} output is {now} of the "
            "five plants' capacity and would be {then} of the three that remain. The exits alone do not "
            "fill the plants in Japan.",
            level=level,
            year=year,
            now=percent(now, KNOWN),
            then=percent(then, KNOWN),
        )
        if reaches == "stays below"
        else phrase(
            "On paper Japan "
            + reaches
            + " {level:.0%} without Oppama and Shonan: {now} of capacity was used in "
            "{year}, {then} would be.",
            level=level,
            year=year,
            now=percent(now, KNOWN),
            then=percent(then, KNOWN),
        )
    )


def two_counts(ledger: Ledger) -> Phrase | None:
    """Why the use outside China is not one of nameplates: those of three countries leave the rest too little."""
    plan_ = plan(ledger)
    if plan_.capacity is None or plan_.output is None or plan_.output_year is None:
        return None
    three = ("nissan_japan", "nissan_us", "nissan_uk")
    rooms = [_rooms(ledger, REGIONS[entity])[0] for entity in three]
    built = [ledger.find("production", entity, plan_.output_year) for entity in three]
    if None in rooms or None in built:
        return None
    held = total([r for r in rooms if r is not None])
    rest = plan_.capacity - held
    made = plan_.output - total([b for b in built if b is not None])
    if made.value <= rest.value:
        return None
    return phrase(
        "Two counts of capacity do not fit here. By nameplates Japan, the United States and the United Kingdom hold "
        "{held:~.1m} million of the {all:q.1m} million that Nissan counts outside China; the other plants would have "
        "built {made:~.1m} million on the {rest:~.1m} million that is left. So {use:~.0%} is the use of what Nissan counts, "
        "not of nameplates, and Nissan does not say how it counts.",
        held=held, all=plan_.capacity, made=made, rest=rest, use=share(plan_.output, plan_.capacity),
    )  # fmt: skip


def next_year(ledger: Ledger, p: Any) -> Phrase | None:
    """The output planned for a year after the latest one known, on Japan's plants with and without the exits."""
    whole, left = _rooms(ledger, REGIONS["nissan_japan"])
    done = plan(ledger).output_year
    years = [f"FY{y}" for y in range(ledger.as_of.year + 1, 2023, -1) if f"FY{y}" > done]
    for year in years:
        world, japan = (ledger.find("production", e, year, status=TARGET, derive=False) for e in ("nissan", "nissan_japan"))  # fmt: skip
        if world is None or japan is None or whole is None or left is None:
            continue
        row = ledger.facts[japan.facts[0]]
        then, level = together(left, japan), break_even(ledger, p)
        side = "above" if then.low * 100 > level.value else "around"
        if then.high * 100 < level.value:
            side = "still below"
        built = ledger.find("production", "nissan_japan", done) if done else None
        more = phrase("")
        if built is not None:
            rate = change(japan, built)
            more = phrase(" ({r:q+.0%} on {done})", r=rate, done=done)
        return phrase(
            "For {year} the press reported in {told} a plan of {world:q~,.2m} million vehicles worldwide, {japan:q,} of them in "
            "Japan{more}{who}; it is a plan, not a result. In Japan that would be {now} of the five plants' capacity and, on paper, "
            "{then} of the three that remain, {side} {level:.0%}.",
            year=year, world=world, japan=japan, told=long_month(ledger.sources[row.source].published),
            more=more, who=", told to suppliers" if "suppliers" in row.note else "", now=percent(together(whole, japan), KNOWN),
            then=percent(then, KNOWN), side=side, level=level,
        )  # fmt: skip
    return None


def region_year(ledger: Ledger) -> Phrase | None:
    """How output of each region moved in the latest two fiscal years known."""
    rows: list[tuple[str, Quantity, Quantity]] = []
    for entity in NAMES:
        new, old = (ledger.find("production", entity, f"FY{y}") for y in (2025, 2024))
        if new is not None and old is not None:
            rows.append((NAMES[entity], new, old))
    if len(rows) < 3:
        return None
    moves = sorted(((name, change(new, old)) for name, new, old in rows), key=lambda m: m[1].value)
    (low_name, low), (high_name, high) = moves[0], moves[-1]
    down = [n for n, m in moves if m < 0]
    said = (
        "In FY2025 output moved most in {low_name} ({low:+.1%}) and {high_name} ({high:+.1%}) among the "
        "{n:w} regions whose count did not change; it fell in {down:w} of them."
    )
    facts = facts_behind(m for _, m in moves)
    return phrase(
        said,
        low_name=the(low_name),
        low=low,
        high_name=the(high_name),
        high=high,
        n=counted(len(rows), "regions", facts),
        down=counted(len(down), "regions", facts),
    )


def india_break(ledger: Ledger) -> Phrase | None:
    """What the exit of Renault-brand cars from the count does to the growth rates."""
    entity = "nissan_others"
    new, old = (ledger.find("production", entity, f"FY{y}") for y in (2025, 2024))
    like = ledger.find("production_yoy", entity, "FY2025", "adjusted")
    if new is None or old is None or like is None:
        return None
    base = new / (like.ratio() + 1.0)
    gone: Any = old - base
    return phrase(
        "From {out} Renault-brand cars built in Chennai are no longer Nissan's output. For the "
        "other regions {new:,} vehicles in FY2025 stand beside {old:,} in FY2024, but Nissan's own growth on a "
        "like-for-like base is {like:+.1%}. That base is about {gone:~,} vehicles smaller than the "
        "published year, so raw growth across {out} overstates the fall for the other regions, "
        "outside Japan and the world.",
        new=new,
        old=old,
        like=like,
        gone=gone,
        out=long_month(RENAULT_OUT),
    )
