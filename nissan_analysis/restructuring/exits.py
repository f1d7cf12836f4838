"""The exits of the plan: which plants, what was announced of each, and what is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import label_at, named_rows, years_axis
from ..ledger import Ledger
from ..provenance import when
from ..quantity import Quantity, counted
from ..style import LIGHT
from ..tables import Table, text_columns
from ..wording import Phrase, capital, cited, joined, listed, phrase
from .plan import plan
from .plants import ANNOUNCED, THAI, end_text, fate_text, origins, seven

#: The list that the press printed in May 2025.
PRESS_LIST = ("oppama", "shonan", "rosslyn", "chennai", "santa_isabel", "civac", "compas")
#: What a name stands for, at its first use.
CALLED = {
    "samut_prakan_1": "one of two at Samut Prakan",
    "civac": "CIVAC (at Cuernavaca)",
    "compas": "COMPAS (at Aguascalientes, half Mercedes-Benz's)",
}


def announced(ledger: Ledger, key: str) -> Any:
    """The event that announced an exit of `seven`."""
    return ledger.event(ANNOUNCED[key])


def state(ledger: Ledger, key: str) -> str:
    """How far an exit has come: completed, agreed (with a buyer) or announced."""
    told = announced(ledger, key)
    return "completed" if told.outcome_status == "completed" else str(told.status)


def overdue(ledger: Ledger, key: str) -> bool:
    """Whether the date of an exit has passed and no source confirms that it was kept."""
    end = ledger.plants[key].end_date
    return state(ledger, key) != "completed" and end is not None and end <= ledger.as_of


def label(ledger: Ledger, key: str) -> str:
    """What an exit is called; of the Thai plants one ends, and which is open."""
    return "Samut Prakan (one of two)" if key in THAI else str(ledger.plants[key].label)


def in_country(ledger: Ledger, key: str) -> Phrase:
    """The same with its country."""
    return cited(f"{label(ledger, key)}, {ledger.plants[key].country}", f"plant:{key}")


def number(plants: Sequence[str], every: Sequence[str]) -> Quantity:
    """How many plants these are, resting on their rows, or on those of all for none."""
    return counted(len(plants), "plants", origins(plants or every))


def progress(ledger: Ledger) -> Phrase | None:
    """How many exits are completed, agreed and announced, and of how many the date has passed."""
    named = seven(ledger)
    if not named:
        return None
    groups = {
        s: [k for k in named if state(ledger, k) == s] for s in ("completed", "agreed", "announced")
    }
    words = {
        "completed": "{n:w} {is_} completed: {names}.",
        "agreed": "for {n:w} a sale is agreed: {names}.",
        "announced": "{n:w} {is_} announced and no more: {names}.",
    }
    parts = [
        phrase(
            words[s], n=number(keys, named), is_="is" if len(keys) == 1 else "are",
            names=cited(listed(label(ledger, k) for k in keys), f"plant:{keys[0]}"),
        )
        for s, keys in groups.items() if keys
    ]  # fmt: skip
    said = phrase(
        "Of the {n:w} exits named {parts}",
        n=number(named, named),
        parts=joined([parts[0], *(capital(part) for part in parts[1:])]),
    )
    late = [k for k in named if overdue(ledger, k)]
    if late:
        said = phrase(
            "{a} For {names} the date has passed and no source confirms the end.",
            a=said,
            names=listed(label(ledger, k) for k in late),
        )
    return said


def seven_table(ledger: Ledger) -> Table | None:
    """The plant exits, and how far each has come."""
    rows, counts = [], _running_count(ledger)
    named = seven(ledger)
    for key in named:
        plant, told = ledger.plants[key], announced(ledger, key)
        day = when(told, short=True)
        if key in counts:
            day = phrase("{d}, the {n:o}", d=day, n=ledger.fact(counts[key]))
        late = "; date passed" if overdue(ledger, key) else ""
        rows.append(
            (
                in_country(ledger, key),
                day,
                end_text(plant),
                phrase(
                    "**{s}.** {f}",
                    s=state(ledger, key).capitalize() + late,
                    f=fate_text(ledger, plant),
                ),
            )
        )
    if not rows:
        return None
    columns = text_columns("Plant", "Announced", "Ends", "What becomes of it")
    return Table.of(
        "seven-plants",
        phrase("Plant exits announced so far: {n:w}", n=number(named, named)),
        columns,
        rows,
        phrase(
            "The fifth, the sixth, the seventh: Nissan's running count where one is printed. The two Thai plants "
            "are to become one and count once. Ends are as announced, Thailand's as the press had it; Rosslyn's is its sale."
        ),
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


def exits_chart(ledger: Ledger) -> Chart | None:
    """Each exit from its announcement to its date, and whether it is known to be done."""
    named = [k for k in seven(ledger) if ledger.plants[k].end_date is not None]
    if len(named) < 2:
        return None
    rows = [
        {
            "plant": label(ledger, k),
            "announced": announced(ledger, k).date,
            "end": ledger.plants[k].end_date,
            "state": state(ledger, k) + (", date passed" if overdue(ledger, k) else ""),
        }
        for k in named
    ]
    done = [k for k in named if state(ledger, k) == "completed"]
    late = [k for k in named if overdue(ledger, k)]
    title = phrase(
        "{d:w} of {n:w} exits with a date {are} known to be completed{late}",
        d=number(done, named),
        n=number(named, named),
        are="is" if len(done) == 1 else "are",
        late=phrase("; of {l:w} the date has passed unconfirmed", l=number(late, named))
        if late
        else "",
    )
    said = "; ".join(
        f"{r['plant']} announced {_month(r['announced'])}, end {_month(r['end'])}, {r['state']}"
        for r in rows
    )
    return Chart(
        "exits",
        capital(title),
        "From the announcement of each exit to the end of the time named for it; filled: known to be completed",
        f"Timeline of plant exits: {said}. A line marks {_month(ledger.as_of)}.",
        pd.DataFrame(rows),
        tuple(sorted({*origins(named), *(f"event:{ANNOUNCED[k]}" for k in named)})),
        lambda axes: _draw(axes, rows, ledger.as_of),
        height=0.5 + 0.25 * len(rows),
    )


def _month(day: Any) -> str:
    return f"{day:%Y-%m}"


def _draw(axes: Axes, rows: list[dict[str, Any]], today: Any) -> None:
    for y, row in enumerate(reversed(rows)):
        start, end = (mdates.date2num(row[k]) for k in ("announced", "end"))
        done, late = row["state"] == "completed", "passed" in row["state"]
        colour = LIGHT["ink" if done else "accent" if late else "slate"]
        axes.plot([start, end], [y, y], color=LIGHT["pale"], linewidth=2.2, zorder=2)
        axes.plot([start], [y], "|", markersize=9, markeredgewidth=2, color=LIGHT["muted"])
        axes.plot(
            [end], [y], "o", markersize=7, color=colour, markeredgewidth=1.6,
            markerfacecolor=colour if done else LIGHT["paper"], zorder=4,
        )  # fmt: skip
        label_at(
            axes,
            row["state"],
            (end, y),
            (9, 0),
            va="center",
            zorder=6,
            bbox={"facecolor": LIGHT["paper"], "edgecolor": "none", "pad": 0.8},
        )
    axes.axvline(mdates.date2num(today), color=LIGHT["muted"], linewidth=1, linestyle=(0, (4, 3)))
    named_rows(axes, [r["plant"] for r in rows])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.xaxis_date()
    last = max(mdates.date2num(r["end"]) for r in rows)
    first = min(mdates.date2num(r["announced"]) for r in rows)
    axes.set_xlim(first - 20, max(last, mdates.date2num(today)) + 0.28 * (last - first))
    years_axis(axes)


def which_plants(ledger: Ledger) -> Phrase:
    """How many plants go, and how many are named."""
    plan_, told = plan(ledger), ledger.event("re-nissan")
    if plan_.plants is None or plan_.closing is None or told is None:
        return phrase("No number of plants to close is on record on {day}.", day=ledger.as_of)
    named = seven(ledger)
    said = (
        "The plan of {day} is to go from **{plants:d} vehicle plants to {left:d}** by FY2027, "
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
    return phrase(
        said,
        day=when(told),
        plants=plan_.plants,
        left=plan_.plants_left,
        labels=listed([CALLED.get(p, ledger.plants[p].label) for p in named]),
        n=counted(len(named), "plants", origins(named) or ["event:re-nissan"]),
        closing=plan_.closing,
    )


def press_list(ledger: Ledger) -> Phrase | None:
    """How the list printed by the press in May 2025 compares with what was announced."""
    listing = ledger.event("seven-plants-list")
    if listing is None:
        return None
    told = (
        "On {day} the press printed a list of the plants to go (Oppama, Shonan, South Africa, "
        "India, Argentina and two in Mexico), and Nissan called it speculation."
    )
    named, day = seven(ledger), when(listing)
    right = [p for p in PRESS_LIST if p in named]
    if len(named) < 7 or ledger.plants["shonan"].one_of_seven != "no":
        told += " Which of them is right cannot be told on {now}."
        return phrase(told, day=day, now=ledger.as_of)
    return phrase(
        told + " It was right on {right:w} of {n:w}. It had Shonan, which belongs to the contract "
        "maker Nissan Shatai, and lacked Thailand. That Shonan is not one of Nissan's seven is our "
        "inference: Nissan counted CIVAC as the fifth with Oppama in, COMPAS as the sixth and Rosslyn "
        "as the seventh, which leaves three places for Thailand, Argentina and India.",
        day=day,
        right=counted(len(right), "plants", ["event:seven-plants-list", *origins(right)]),
        n=counted(len(PRESS_LIST), "plants", ["event:seven-plants-list"]),
    )
