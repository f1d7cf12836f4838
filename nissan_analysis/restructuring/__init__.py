"""The restructuring: the opening of its report, as far as known at a date.

The sections are in `jobs`, `exits`, `plants`, `capacity`, `use`, `regions`, `paper`, `output`,
`oppama`, `money`, `segments` and `doubts`; the sheet of one plant in `sheet`, `figures`, `after` and `page`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..ledger import Ledger
from ..quantity import Quantity, share, total
from ..wording import Key, Phrase, key, listed, long_month, phrase
from .exits import label as place
from .exits import number, overdue, state
from .money import net_trend
from .plan import STAFF_DAY, TARGET, Plan, break_even, cars, plan, told_in, whose
from .plants import seven


def finding(ledger: Ledger, p: Any) -> tuple[Phrase, Phrase]:
    """Title and standfirst of the report, as far as known at this date."""
    plan_ = plan(ledger)
    if plan_.jobs is None or plan_.closing is None:
        return _early(ledger, plan_)
    values = {"jobs": plan_.jobs, "closing": plan_.closing, "plants": plan_.plants}
    title = "Nissan plans {jobs:,} job cuts and {closing:w} plant exits out of {plants:w}"
    now, then = plan_.use(plan_.capacity), plan_.use(plan_.capacity_left)
    if now is None or then is None or plan_.output is None:
        return phrase(title, **values), phrase(
            "The cuts are to be made by FY2027. What the exits do to the use of capacity cannot be "
            "told: the capacity that is to remain is not known on {day}. " + _announced(ledger),
            day=ledger.as_of,
            count=_count(ledger),
            **_done(ledger),
            **values,
        )
    wide = plan_.use(plan_.with_reserve)
    level = break_even(ledger, p)
    need_now, need_then = (cars(c) * level for c in (plan_.capacity, plan_.capacity_left))  # type: ignore[arg-type]
    title += "; on paper, use of capacity outside China would go from {now:~.0%} to {then:~.0%}"
    title += "" if wide is None else ", or to {wide:~.0%} with the capacity kept in reserve"
    standfirst = " ".join(
        (
            (
                "Outside China Nissan built {output:,} vehicles in {year} (fiscal years, FY, run from April to "
                "March), {now:~.0%} of the {before:.1m} million a year the plan starts from; it is to keep "
                "{left:.1m} million."
            ),
            _against(plan_.output, need_now, need_then),
            *(
                []
                if wide is None
                else [
                    "With the {reserve:.1m} million kept in reserve use would be {wide:~.0%}, {way} that level."
                ]
            ),
            _announced(ledger),
        )
    )
    return phrase(title, now=now, then=then, wide=wide, **values), phrase(
        standfirst,
        now=now,
        output=plan_.output,
        year=plan_.output_year,
        before=plan_.capacity,
        left=plan_.capacity_left,
        reserve=plan_.reserve,
        wide=wide,
        way="below" if wide is not None and wide.value * 100 < level.value else "above",
        level=level,
        whose=whose(level),
        short=abs(plan_.output - need_now),
        spare=abs(plan_.output - need_then),
        count=_count(ledger),
        closing=plan_.closing,
        **_done(ledger),
    )


def _against(output: Any, need_now: Quantity, need_then: Quantity) -> str:
    """The sentence that sets output against break-even before and after, whichever way it falls."""
    first = "{short:~.1m} million short of" if output < need_now else "{short:~.1m} million above"
    second = "{spare:~.1m} million short of" if output < need_then else "{spare:~.1m} million above"
    join = "and" if (output < need_now) == (output < need_then) else "but"
    return (
        f"At a break-even of {{level:.0%}}, {{whose}}, that output is {first} what the "
        f"old capacity needs {join} {second} what the new one would."
    )


def _count(ledger: Ledger) -> Quantity | None:
    found = ledger.latest("plants_closing_announced", "nissan", "excl_china")
    return found.quantity if found else None


def _announced(ledger: Ledger) -> str:
    count, plan_ = _count(ledger), plan(ledger)
    if count is None or plan_.closing is None:
        return "Not all of the plants have been named."
    if count < plan_.closing.value:
        return "Announced so far: {count:w} of {closing:w} exits."
    said = "All {closing:w} exits have been announced; {done:w} {are} known to be completed."
    if any(overdue(ledger, k) for k in seven(ledger)):
        said += " Of {late:w} others the date has passed, and no source was found that confirms the end."
    return said


def _done(ledger: Ledger) -> dict[str, Any]:
    """How many exits are completed, and how many are past their date without a confirmation."""
    named = seven(ledger)
    if not named:
        return {}
    done = [k for k in named if state(ledger, k) == "completed"]
    late = [k for k in named if overdue(ledger, k)]
    are = "is" if len(done) == 1 else "are"
    return {"done": number(done, named), "late": number(late, named), "are": are}


def _early(ledger: Ledger, plan_: Plan) -> tuple[Phrase, Phrase]:
    day = ledger.as_of
    if plan_.jobs_first is not None:
        title = phrase(
            "Nissan plans {jobs:,} job cuts; which plants will go is not known",
            jobs=plan_.jobs_first,
        )
        more = ""
        if plan_.wide is not None and plan_.wide_left is not None:
            more = " and to lower capacity from {wide:q.1m} to {left:.1m} million vehicles a year"
        return title, phrase(
            "The plan of {told} is to cut {jobs:,} jobs" + more + ". Nothing more is known "
            "on {day}.",
            jobs=plan_.jobs_first,
            wide=plan_.wide,
            left=plan_.wide_left,
            day=day,
            told=told_in(ledger, "turnaround-2024"),
        )
    title = phrase("No plan to cut jobs or plants is on record on {day}", day=day)
    old = ledger.find("capacity", "nissan", "FY2023", status=TARGET)
    if old is not None:
        told = told_in(ledger, "nissan-next")
        return phrase("On {day} the plan on record is that of {told}", day=day, told=told), phrase(
            "Nissan NEXT, announced in {told}, set out to lower capacity to {old:.1m} million "
            "vehicles a year by FY2023. No later plan for jobs or plants is known on {day}, so "
            "this report can only show output and money.",
            old=old,
            day=day,
            told=told,
        )
    return title, phrase(
        "What this report is about, job cuts and plant closures, is not known on {day}. It can "
        "only show output and money up to then.",
        day=day,
    )


def keys(ledger: Ledger, p: Any) -> list[Key]:
    """Up to six key numbers, those that are known."""
    del p
    found: list[Key] = []
    plan_ = plan(ledger)
    if plan_.jobs is not None and plan_.staff is not None:
        part = share(plan_.jobs, plan_.staff)
        found.append(
            key(
                "Nissan jobs to go by FY2027",
                "{n:,}",
                "Planned; {s:~.0%} of staff in {d}",
                n=plan_.jobs,
                s=part,
                d=long_month(STAFF_DAY),
            )
        )
    elif plan_.jobs_first is not None:
        found.append(
            key(
                "Nissan jobs to go",
                "{n:,}",
                "Planned in {d}",
                n=plan_.jobs_first,
                d=told_in(ledger, "turnaround-2024"),
            )
        )
    if plan_.plants is not None and plan_.plants_left is not None:
        found.append(
            key(
                "Nissan car plants outside China",
                "{a:d} to {b:d}",
                "Planned by FY2027; that China is left out is our reading",
                a=plan_.plants,
                b=plan_.plants_left,
            )
        )
    if plan_.capacity is not None and plan_.capacity_left is not None:
        found.append(
            key(
                "Nissan's capacity outside China",
                "{a:.1m}m to {b:.1m}m",
                "Planned, vehicles a year",
                a=plan_.capacity,
                b=plan_.capacity_left,
            )
        )
    now, then = plan_.use(plan_.capacity), plan_.use(plan_.capacity_left)
    wide = plan_.use(plan_.with_reserve)
    if now is not None and then is not None:
        found.append(
            key(
                "Use of Nissan's capacity outside China",
                "{a:~.0%} to {b:~.0%}",
                "{year} output on the old and the planned capacity"
                + ("" if wide is None else "; {w:~.0%} with the reserve"),
                a=now,
                b=then,
                w=wide,
                year=plan_.output_year,
            )
        )
    years = [s for s in (ledger.find("net_income", "nissan", f"FY{y}") for y in (2024, 2025)) if s]
    if years:
        sums = total(years)
        label = (
            "Nissan's net loss, FY2024 and FY2025"
            if len(years) == 2
            else "Nissan's net loss, FY2024"
        )
        found.append(replace(key(label, "{n:~,}bn yen", "", n=-sums), trend=net_trend(ledger)))
    saved = ledger.latest("fixed_cost_saving", "nissan")
    goal = ledger.find("fixed_cost_saving", "nissan", "FY2026", status=TARGET, derive=False)
    if saved and goal:
        found.append(
            key(
                "Nissan's fixed costs saved",
                "{n:q,}bn yen",
                "{when}; target {goal:,}bn by FY2026",
                n=saved.quantity,
                when=saved.label,
                goal=goal,
            )
        )
    if plan_.jobs is None:
        for metric, label, spec in (
            ("production", "Vehicles Nissan built", "{n:,}"),
            ("operating_profit", "Nissan's operating profit", "{n:~,}bn yen"),
        ):
            latest = ledger.series(
                metric, "nissan", "YE" if metric == "production" else "FY"
            ).points
            if latest:
                found.append(
                    key(label, spec, "{when}", n=latest[-1].quantity, when=latest[-1].label)
                )
    return found[:6]


def weak_points(ledger: Ledger, p: Any) -> list[Phrase]:
    """The three weakest points of the report."""
    del p
    plan_ = plan(ledger)
    points = [
        phrase(
            "Plant capacities are nameplates of different years and shift patterns; Nissan "
            "publishes none, so use by plant is an order of magnitude."
        ),
        phrase(
            "{level:.0%} as break-even is a rule of thumb of the press, not a figure of Nissan's.",
            level=ledger.assumption("breakeven_utilisation"),
        ),
    ]
    late = [k for k in seven(ledger) if overdue(ledger, k)]
    if plan_.jobs is not None:
        points.append(
            phrase(
                "How many of the planned {jobs:,} jobs have gone"
                + (", and whether the exits at {late} were made on time," if late else "")
                + " was not found.",
                jobs=plan_.jobs,
                late=listed(place(ledger, k) for k in late),
            )
        )
    else:
        points.append(phrase("Output by region is missing for many months and for most years."))
    return points
