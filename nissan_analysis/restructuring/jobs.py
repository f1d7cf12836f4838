"""Jobs: how many go, by function, by plant, and what the press counts twice."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..charts import Chart
from ..drawing import bars, describe
from ..ledger import ACTUAL, Ledger
from ..periods import label_period, months_from
from ..provenance import when
from ..quantity import facts_behind, share
from ..tables import Column, Table, text_columns
from ..wording import Phrase, cited, long_month, phrase
from .plan import AFTER, PLAN, STAFF_DAY, TARGET, plan

FUNCTIONS = {
    "fn_manufacturing": "Manufacturing",
    "fn_sales_admin": "Sales and administration",
    "fn_rnd": "Research and development",
}
#: Figures on people at single plants, in the order of the table: plant, metric, basis.
PEOPLE = (
    ("oppama", "employees", "whole_site"),
    ("oppama", "employees", "production_staff"),
    ("oppama", "jobs_kept", None),
    ("kyushu", "jobs_added", None),
    ("shonan", "employees", "incl_development"),
    ("civac", "jobs_affected", None),
    ("civac", "jobs_affected", "line_1"),
    ("compas", "employees", None),
    ("compas", "jobs_affected", None),
    ("aguascalientes_a1", "jobs_added", None),
    ("santa_isabel", "jobs_affected", None),
    ("nissan_thailand", "jobs_affected", None),
    ("chennai", "employees", "permanent"),
    ("rosslyn", "employees", None),
    ("sunderland", "job_cuts", "voluntary"),
)


def announced(ledger: Ledger) -> Phrase:
    """How many jobs go, and as what share of staff."""
    plan_ = plan(ledger)
    first, all_, staff = plan_.jobs_first, plan_.jobs, plan_.staff
    began, later = ledger.event("turnaround-2024"), ledger.event("re-nissan")
    if first is None or began is None:
        return phrase("No job cuts are on record on {day}.", day=ledger.as_of)
    said = "On {began} Nissan announced that **{first:,} jobs** would go"
    values: dict[str, Any] = {"first": first, "all": all_, "staff": staff, "began": when(began)}
    if staff is not None:
        said += ", {part:~.1%} of the {staff:,} it employed in {then}"
        values |= {"part": share(first, staff), "then": long_month(STAFF_DAY)}
    said += "."
    if all_ is None or later is None:
        said += " Where and by when in detail is not known on {day}."
        return phrase(said, day=ledger.as_of, **values)
    said += (
        " On {later} the target became **{all:,} jobs** by FY2027 (to March 2028) in the plan Re:Nissan, with the first {first:,} "
        "included: the new part is {new:,}."
    )
    values |= {"new": all_ - first, "later": when(later)}
    if staff is not None:
        said += " The {all:,} are {whole:~.1%} of staff."
        values["whole"] = share(all_, staff)
    said += " How many have gone so far was not found."
    day = STAFF_DAY.replace(year=STAFF_DAY.year + 1)
    now = ledger.find("employees", "nissan", (day, day))
    if staff is not None and now is not None:
        way = "fewer" if now < staff else "more"
        said += " Staff was {now:,} on {on}, {less:,} " + way + " than a year before."
        values |= {"now": now, "on": day, "less": abs(staff - now)}
    word = ledger.event("job-cuts-count-2025")
    if word is not None:
        said += " On {told} the chief executive called the cuts on schedule and gave no count."
        values["told"] = when(word)
    return phrase(said, **values)


def double_count(ledger: Ledger) -> Phrase | None:
    """What the sum of both plans would be, and why it is wrong."""
    plan_ = plan(ledger)
    extra = ledger.find("job_cuts", "nissan", AFTER, "additional_to_nov_2024", TARGET, derive=False)
    if plan_.jobs is None or plan_.jobs_first is None or extra is None:
        return None
    return phrase(
        "Adding the two plans counts the first {first:,} twice and gives {wrong:,}. A trade newspaper "
        "settles it: {extra:,} more jobs are planned on top of the first {first:,}, and the two make "
        "{all:,}. The jobs of a closing plant are not a further number either: they are part of "
        "the total where the people leave, and no part of it where they move or change employer.",
        first=plan_.jobs_first,
        wrong=plan_.jobs_first + plan_.jobs,
        extra=extra,
        all=plan_.jobs,
    )


def readings(ledger: Ledger) -> Table | None:
    """Each printed figure for the job cuts, how it reads, and whether it is taken."""
    rows = ledger.facts_of(["nissan"], ["job_cuts"])
    if not rows:
        return None
    cells = []
    for row in sorted(rows, key=lambda r: (ledger.sources[r.source].published, r.fact)):
        source = ledger.sources[row.source]
        if row.basis == "additional_to_nov_2024":
            reading = Phrase("on top of the first plan", "on top of the first plan")
        elif row.period_end == row.period_start:
            reading = Phrase("the first plan alone", "the first plan alone")
        else:
            about = row.note.rpartition("; ")[2] or "total of both plans"
            reading = cited(about, f"note:{row.fact}")
        taken = "no: " + row.rank_reason if row.rank == "deprecated" else "yes"
        cells.append(
            (
                cited(source.publisher, row.fact),
                _day(source),
                ledger.fact(row.fact),
                reading,
                cited(taken, f"note:{row.fact}"),
            )
        )
    columns = (
        *text_columns("Source", "Date"), Column("Jobs", "q,"), *text_columns("How it is put", "Used"),
    )  # fmt: skip
    return Table.of(
        "job-readings",
        phrase("The job cuts as sources print them"),
        columns,
        cells,
        phrase("Targets, not outcomes."),
    )


def _day(source: Any) -> Phrase:
    """When a source was published; only the month where its page shows no date."""
    if source.published_basis == "stated":
        return phrase("{d}", d=source.published)
    return phrase("by {d}", d=label_period(*months_from(source.published, 1)))


def functions_chart(ledger: Ledger) -> Chart | None:
    """The planned cuts by function, in jobs."""
    all_ = plan(ledger).jobs
    if all_ is None:
        return None
    parts = {
        label: ledger.find("job_cuts_share", "nissan", PLAN, basis, TARGET)
        for basis, label in FUNCTIONS.items()
    }
    known = {label: part for label, part in parts.items() if part is not None}
    if len(known) < 2:
        return None
    labels = list(known)
    cut = {label: (all_ * part).in_unit("persons") for label, part in known.items()}
    values = [round(q.value, 6) for q in cut.values()]
    top = max(labels, key=lambda label: known[label].value)
    return Chart(
        "job-functions",
        phrase("{top} carries {part:.0%} of the planned job cuts", top=top, part=known[top]),
        "Planned job cuts FY2024 to FY2027 by function: printed shares applied to the total",
        describe("Bars", "planned job cuts by function", labels, values, "jobs", 0),
        pd.DataFrame(
            {"function": labels, "share_percent": [q.value for q in known.values()], "jobs": values}
        ),
        facts_behind(cut.values()),
        lambda axes: bars(axes, labels, values, ["accent", *["slate"] * (len(labels) - 1)], 0),
        height=1.5,
    )


def people_table(ledger: Ledger) -> Table | None:
    """People at single plants: whom each figure counts, and what it is not."""
    rows = []
    for plant, metric, basis in PEOPLE:
        told = ledger.rows(metric, plant, basis, (*ACTUAL, *TARGET))
        if not told:
            continue
        # The first to print the staff of a whole site says "about" and when; later ones copy it.
        pick = min if basis == "whole_site" else max
        row = pick(told, key=lambda r: (r.period_end, r.rank == "preferred", r.status, r.fact))
        words = ledger.metrics[metric].label.lower() + (
            f", {ledger.bases[row.basis].label.lower()}" if row.basis else ""
        )
        rows.append(
            (
                cited(ledger.entities[plant].label, row.fact),
                ledger.fact(row.fact),
                cited(words, f"note:{row.fact}"),
                cited(row.note, f"note:{row.fact}") if row.note else None,
            )
        )
    if not rows:
        return None
    columns = (
        Column("Plant", align="left"), Column("People", "q~,"), *text_columns("Whom it counts", "Note"),
    )  # fmt: skip
    return Table.of(
        "people-by-plant",
        phrase("People at single plants, latest figures"),
        columns,
        rows,
        phrase(
            "Not to be added up: the figures count different people at different dates, and staff of "
            "a plant that moves, is sold or is merged are not job cuts."
        ),
    )


def no_double_count(ledger: Ledger) -> Phrase:
    """What to say of double counting before both plans are on record."""
    return (
        phrase(
            "With one plan on record at most, nothing is counted twice on {day}.", day=ledger.as_of
        )
        if plan(ledger).jobs is None
        else phrase(
            "Both totals are on record on {day}; how they relate is only clear from the words of the "
            "sources below.",
            day=ledger.as_of,
        )
    )
