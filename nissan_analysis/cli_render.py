"""The commands that make reports: ``render``, ``sweep`` and ``plants``."""

from __future__ import annotations

import sys
from functools import partial
from inspect import Parameter as Argument
from inspect import Signature
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from cyclopts import App, Parameter
from cyclopts.validators import Number

from . import parameters
from .places import REPORTS
from .wanted import wanted

render = App(
    name="render",
    help="Make reports: HTML, PDF and the facts behind every number. Without a report's name, all of them.",
    help_format="plaintext",
)

Out = Annotated[Path, Parameter(help="Folder the reports are written to")]
Formats = Annotated[
    str, Parameter(help="What to write: html, pdf, facts, notebook, with commas between")
]
Jobs = Annotated[
    int | None,
    Parameter(validator=Number(gte=1), help="Reports made at the same time [default: one a core]"),
]
Timeout = Annotated[
    int,
    Parameter(validator=Number(gte=0), help="The most seconds one cell may take; 0 for no limit"),
]
Scheduler = Annotated[
    str | None,
    Parameter(
        help="Have the workers of this Dask scheduler make them, such as tcp://host:8786",
        show_default=False,
    ),
]
Fresh = Annotated[
    bool,
    Parameter(help="Make every report, also those that cannot have changed", negative=()),
]


class Options(NamedTuple):
    """The options of every command that makes reports."""

    out: Path = Path("reports")
    formats: str = "html,pdf,facts"
    jobs: int | None = None
    timeout: int = 600
    scheduler: str | None = None
    fresh: bool = False

    @property
    def chosen(self) -> list[str]:
        return [name.strip() for name in self.formats.split(",") if name.strip()]

    @property
    def limit(self) -> int | None:
        return self.timeout or None


KINDS: dict[str, Any] = {
    "out": Out, "formats": Formats, "jobs": Jobs, "timeout": Timeout, "scheduler": Scheduler, "fresh": Fresh
}  # fmt: skip


def _split(given: dict[str, Any]) -> tuple[Options, dict[str, Any]]:
    """The options among `given`, and the parameters by name."""
    options = Options(**{name: given.pop(name) for name in Options._fields if name in given})
    raw = {name.replace("-", "_"): value for name, value in given.items() if value is not None}
    return options, raw


def _render(reports: tuple[str, ...], given: dict[str, Any]) -> int:
    from .making import task

    options, raw = _split(given)
    names = list(dict.fromkeys(parameters.report_named(name) for name in reports))
    for name in names:
        parameters.validate(name, raw)
    return make([task(name, raw, options.chosen, options.limit) for name in names], options)


def make(tasks: list[Any], options: Options, **more: Any) -> int:
    """Make what `tasks` ask for, say how each ended, and return the exit code."""
    from . import again, kernels, manifest, pools, running
    from .cache import Cache
    from .progress import Show

    if options.scheduler:
        from . import cluster, sweeping

        if options.jobs:
            raise sweeping.SweepError(["--jobs is for this machine; a cluster has its workers."])
        pool: pools.Pool = partial(cluster.machines, address=options.scheduler)
        at_once = 4
    else:
        pool, at_once = pools.local(options.jobs), options.jobs or pools.default_jobs()
        more["ready"] = kernels.warm
    with Show(len(tasks), options.out, at_once) as show:
        cache = Cache(fresh=options.fresh)
        batch = running.render_all(tasks, options.out, pool, show, cache=cache, **more)
        show.summary(batch)
    sums = options.out / manifest.NAME
    again.made(
        [*batch.files, *([sums] if sums.exists() else [])],
        f"{len(tasks)} reports in {options.out}: nothing has changed.",
    )
    return 1 if batch.failures else 0


def _command(model: type[parameters.Parameters], *, many: bool) -> Any:
    """A function whose options are those of rendering and the parameters of `model`.

    All parameters arrive as text, unknown ones too: `parameters.validate` reads them, and names
    every fault at once.
    """

    def run(*reports: str, **given: Any) -> int:
        first = () if many else (_report_of(model),)
        asked = tuple(reports) or (REPORTS if many else ())
        return _render(first + tuple(REPORTS if asked == ("all",) else asked), given)

    schema: dict[str, Any] = model.model_json_schema()["properties"]
    text = "Which reports: " + ", ".join(name.replace("_", "-") for name in REPORTS)
    others = Parameter(
        help=text if many else "More reports to make with the same parameters",
        allow_leading_hyphen=False,
    )
    arguments = [Argument("reports", Argument.VAR_POSITIONAL, annotation=Annotated[str, others])]
    for name, default in Options._field_defaults.items():
        kind = KINDS[name]
        arguments.append(Argument(name, Argument.KEYWORD_ONLY, annotation=kind, default=default))
    for name, field in model.model_fields.items():
        about = Parameter(
            help=_help(field.description or name, schema[name]),
            group="Parameters",
            show_default=False,
        )
        kind = Annotated[str | None, about]
        arguments.append(Argument(name, Argument.KEYWORD_ONLY, annotation=kind, default=None))
    rest = Annotated[str, Parameter(show=False)]
    arguments.append(Argument("unknown", Argument.VAR_KEYWORD, annotation=rest))
    run.__signature__ = Signature(arguments, return_annotation=int)  # type: ignore[attr-defined]
    run.__annotations__ = {}  # else these win over the signature's
    run.__doc__ = (model.__doc__ or "").splitlines()[0]
    return run


def _help(description: str, schema: dict[str, Any]) -> str:
    default = schema.get("default")
    if default is None:
        shown = f"the assumption {schema['assumption']}" if "assumption" in schema else "none"
    else:
        shown = ",".join(default) if isinstance(default, list) else str(default)
    return f"{description}: {wanted(schema)} [default: {shown}]"


def _report_of(model: type[parameters.Parameters]) -> str:
    return next(name for name, known in parameters.MODELS.items() if known is model)


render.default(_command(parameters.Parameters, many=True))
for _name, _model in parameters.MODELS.items():
    render.command(_command(_model, many=False), name=_name.replace("_", "-"))


def sweep(
    *what: Annotated[str, Parameter(allow_leading_hyphen=False)],
    sweep: Annotated[list[str] | None, Parameter(negative=())] = None,
    resume: Annotated[bool, Parameter(negative=())] = False,
    out: Out = Path("sweep"),
    formats: Formats = "html,pdf,facts",
    jobs: Jobs = None,
    timeout: Timeout = 600,
    scheduler: Scheduler = None,
    fresh: Fresh = False,
    **given: Annotated[str, Parameter(show=False)],
) -> int:
    """Make many reports of one order, and a page that lists them. Parameters of the report are options too.

    Parameters
    ----------
    what
        The reports to sweep, or a CSV table with a report a row: the column report, then one for each parameter
    sweep
        A parameter and its values: 'plant=*', 'plant=oppama,wuhan', 'as_of=2024-01-31..2025-12-31/month'
        or 'break_even_utilisation=60..90/5'. Given again, every combination is made
    resume
        Go on with the sweep that was interrupted in the folder, without naming it again
    """
    from . import again, sweeping

    options = Options(out, formats, jobs, timeout, scheduler, fresh)
    raw = {name.replace("-", "_"): value for name, value in given.items()}
    tables = again.tables(what)
    begun = Options(out, jobs=jobs, scheduler=scheduler, fresh=fresh)
    if resume and (what or sweep or given or options != begun):
        raise sweeping.SweepError(
            [
                "--resume takes no reports, parameters, --formats or --timeout: they are those begun there."
            ]
        )
    if resume:
        order = sweeping.unfinished(out)
    elif tables and (len(what) > 1 or sweep):
        raise sweeping.SweepError(
            ["a table is an order by itself: give no report or --sweep to it."]
        )
    elif tables:
        order = sweeping.planned(Path(tables[0]), raw, options.chosen, options.limit)
    elif not what:
        raise sweeping.SweepError(["what to make is missing: name a report, or a table plan.csv."])
    else:
        order = sweeping.swept(what, sweep or (), raw, options.chosen, options.limit)
    return _order(order, options)


def plants(
    *plants: Annotated[str, Parameter(allow_leading_hyphen=False)],
    out: Out = Path("reports/plants"),
    formats: Formats = "html,pdf,facts",
    jobs: Jobs = None,
    timeout: Timeout = 600,
    scheduler: Scheduler = None,
    fresh: Fresh = False,
    as_of: str = "latest",
    break_even_utilisation: str | None = None,
) -> int:
    """Make the sheet of every plant: one page each, and a page that lists them.

    Parameters
    ----------
    plants
        Which plants; all of them unless given
    as_of
        Only what was known on this day, such as 2024-03-31
    break_even_utilisation
        Utilisation at which a plant breaks even, in percent
    """
    from . import sweeping

    options = Options(out, formats, jobs, timeout, scheduler, fresh)
    raw = {"as_of": as_of, "break_even_utilisation": break_even_utilisation}
    given = {name: value for name, value in raw.items() if value is not None}
    chosen = ",".join(plant.replace("-", "_") for plant in plants) or "*"
    order = sweeping.swept(["plant"], [f"plant={chosen}"], given, options.chosen, options.limit)
    return _order(order, options)


def _order(order: Any, options: Options) -> int:
    from . import running, sweeping

    tasks, index = order
    with running.writing("The order of the sweep", options.out):
        sweeping.begin(options.out, order)
    try:
        code = make(tasks, options, index=index)
    except KeyboardInterrupt:
        line = f"nissan-analysis sweep --resume --out {options.out}"
        print(f"What was finished is kept. To make the rest: {line}", file=sys.stderr)
        raise
    if code == 0:
        sweeping.finish(options.out)
    return code
