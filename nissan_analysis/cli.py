"""The command line: ``nissan-analysis render | plants | check | facts | notebooks | lab``.

Exit codes: 0 done, 1 something failed, 2 wrong use, 130 interrupted. Whatever is slow to import
is imported by the command that needs it.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib.metadata import version
from inspect import Parameter as Argument
from inspect import Signature
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number

from . import parameters
from .cells import visible
from .places import DESK, REPORTS, SHEETS
from .wanted import wanted

LINES = "\n\t"

app = App(
    name="nissan-analysis",
    help="Source-cited reports on Nissan: China, the Sakura, the restructuring, the alliances.",
    version=lambda: version("nissan-analysis"),
    help_format="plaintext",
    suppress_keyboard_interrupt=False,
)
render = App(
    name="render",
    help="Make reports: HTML, PDF and the facts behind every number. Without a report's name, all of them.",
    help_format="plaintext",
)
app.command(render)

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
OPTIONS: dict[str, tuple[Any, Any]] = {
    "out": (Out, Path("reports")),
    "formats": (Formats, "html,pdf,facts"),
    "jobs": (Jobs, None),
    "timeout": (Timeout, 600),
}


def _render(reports: tuple[str, ...], given: dict[str, Any]) -> int:
    """Render `reports`; `given` are the options above and, by name, the reports' parameters."""
    from . import running

    out, formats, jobs, timeout = (given.pop(name, OPTIONS[name][1]) for name in OPTIONS)
    raw = {name.replace("-", "_"): value for name, value in given.items() if value is not None}
    chosen = _chosen(formats)
    names = list(dict.fromkeys(parameters.report_named(name) for name in reports))
    for name in names:
        parameters.validate(name, raw)
    tasks = [running.task(name, raw, chosen, timeout or None) for name in names]
    return _batch(tasks, out, jobs)


def _chosen(formats: str) -> list[str]:
    return [name.strip() for name in formats.split(",") if name.strip()]


def _batch(tasks: list[Any], out: Path, jobs: int | None, index: Any = None) -> int:
    """Make what `tasks` ask for, say how each ended, and return the exit code."""
    from . import running
    from .ledger import Ledger
    from .showing import Show

    Ledger.load()  # faults in the data are told once, before anything is run
    with Show([task.stem for task in tasks], out) as show:
        batch = running.render_all(tasks, out, jobs, told=show.ended, index=index)
        show.summary(batch)
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
    for name, (kind, default) in OPTIONS.items():
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


@app.command(name="plants")
def plant_sheets(
    *plants: Annotated[str, Parameter(allow_leading_hyphen=False)],
    out: Out = Path("reports/plants"),
    formats: Formats = "html,pdf,facts",
    jobs: Jobs = None,
    timeout: Timeout = 600,
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
    from . import sheets

    raw = {"as_of": as_of, "break_even_utilisation": break_even_utilisation}
    given = {name: value for name, value in raw.items() if value is not None}
    tasks = sheets.tasks(plants, given, _chosen(formats), timeout or None)
    return _batch(tasks, out, jobs, sheets.index)


@app.command
def check(*, reports: Path = Path("reports"), unused: bool = False, as_of: str = "latest") -> int:
    """Read all of the data, and check totals against parts and printed growth against figures.

    Parameters
    ----------
    reports
        The folder of rendered reports that may be stale
    unused
        List the facts that no report there uses
    as_of
        Only what was known on this day, such as 2024-03-31
    """
    from . import staleness
    from .checks import run_checks
    from .showing import checked

    ledger = _ledger("check", as_of)
    code = checked(ledger, run_checks(ledger))
    if as_of == "latest":
        print("\n".join(staleness.lines(ledger, reports, unused)))
    return code


def _ledger(command: str, as_of: str) -> Any:
    """The ledger of a day that somebody typed."""
    from .ledger import Ledger

    try:
        parameters.validate("briefing", {"as_of": as_of})
    except parameters.ParameterError as error:
        raise parameters.ParameterError(command, error.faults) from None
    return Ledger.load(as_of)


@app.command
def audit(*pages: Path, numbers: bool = False, quick: bool = False) -> int:
    """Hold every number of HTML reports against the data, and make each report again.

    Parameters
    ----------
    pages
        HTML reports, or folders of them; reports/ unless given
    numbers
        List every number with its bounds, status, formula and facts
    quick
        Do not make the reports again: numbers, digits and statuses only
    """
    from .auditing import audit_all
    from .showing import audited

    return audited(audit_all(pages or (Path("reports"),), again=not quick), numbers)


@app.command
def compare(
    then: str,
    now: str,
    *,
    report: str = "briefing",
    json: bool = False,
    out: Path | None = None,
    jobs: Jobs = None,
) -> int:
    """Say what differs between two editions: numbers, sentences, charts, and the facts behind it.

    Parameters
    ----------
    then, now
        Two days (the report is made at both), two facts.json, or two folders of reports
    report
        Which reports to make at two days, with commas between
    json
        Print it for machines
    out
        Also write it as an HTML page to this file
    """
    from . import comparing_page, editions
    from .files import write_together

    found = editions.compared(then, now, _chosen(report), jobs)
    if out is not None:
        page = comparing_page.page(found).encode()
        write_together({out / "compare.html" if out.is_dir() or not out.suffix else out: page})
    if json:
        print(comparing_page.as_json(found))
    else:
        for one in found:
            print("\n".join(comparing_page.as_text(one)), end="\n\n")
    return 0


@app.command
def vintages(
    report: str,
    *,
    since: str,
    until: str = "latest",
    every: str = "month",
    out: Out = Path("reports/vintages"),
    formats: Formats = "html,facts",
    jobs: Jobs = None,
) -> int:
    """Make a report as it would have been at the end of each month, and a page on how it moved.

    Parameters
    ----------
    report
        Which report
    since, until
        The first and the last month, such as 2023-12; until the latest source unless given
    every
        month, quarter or year
    """
    from . import editions, series_page
    from .files import write_together
    from .ledger import Ledger

    last = f"{Ledger.load().latest_source:%Y-%m}" if until == "latest" else until
    made = editions.tasks(report, editions.days_of(since, last, every), _chosen(formats))
    code = _batch(made, out, jobs)
    if code == 0:
        page = out / f"{made[0].report}-vintages.html"
        write_together({page: series_page.page(editions.read_series(out, made)).encode()})
        print(f"moved   {page}")
    return code


@app.command
def facts(
    *query: str, as_of: str = "latest", limit: int = 40, json: bool = False, csv: bool = False
) -> int:
    """Find figures: what, value, bounds, status, source.

    Parameters
    ----------
    query
        Words such as "sakura share 2023": all must occur in what a figure is, its period, source or note
    as_of
        Only what was known on this day, such as 2024-03-31
    limit
        The most rows to print; --json and --csv give all
    json, csv
        All of them for machines, or for a spreadsheet
    """
    from . import searching

    ledger = _ledger("facts", as_of)
    found = searching.find(ledger, query)
    if json or csv:
        print(searching.as_json(found) if json else searching.as_csv(found), end="")
        return 0 if found else 1
    return searching.shown(found, limit)


@app.command
def notebooks(*names: str, timeout: Timeout = 600) -> int:
    """Execute the stored notebooks in place, at their default parameters.

    Parameters
    ----------
    names
        Which notebooks; all of them unless given
    timeout
        The most seconds one cell may take; 0 for no limit
    """
    from . import places
    from .canonical import refresh
    from .ledger import Ledger

    Ledger.load()
    for name in names or (*REPORTS, *SHEETS, DESK):
        path = places.notebook(name.replace("-", "_"))
        changed = refresh(path, timeout or None)
        print(f"{path.name}: {'written' if changed else 'unchanged'}", flush=True)
    return 0


@app.command
def lab(*options: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> int:
    """Open JupyterLab on the live desk, with the reports' notebooks beside it.

    Parameters
    ----------
    options
        Anything JupyterLab understands, such as --no-browser
    """
    from .desk import folder_to_open

    start = folder_to_open() / f"{DESK}.ipynb"
    print(f"JupyterLab opens {start}", flush=True)
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab", *options, str(start)])


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit; every error is a message, never a traceback."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run the command line; the exit code."""
    known = {name: name.replace("_", "-") for name in REPORTS}
    tokens = (
        [known.get(token, token) for token in arguments]
        if arguments[:1] == ["render"]
        else arguments
    )
    try:
        answer = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
        return answer if isinstance(answer, int) else 0
    except CycloptsError as error:
        return _say(f"{str(error).strip()}\nSee nissan-analysis --help.", 2)
    except KeyboardInterrupt:
        return _say("Interrupted; the reports that were there are whole.", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    except Exception as error:
        if os.environ.get("NISSAN_ANALYSIS_TRACEBACK"):
            raise
        if type(error).__module__.startswith("nissan_analysis"):
            return _say(str(error), getattr(error, "exit_code", 1))
        hint = "Set NISSAN_ANALYSIS_TRACEBACK=1 to see where."
        return _say(f"{type(error).__name__}: {error}\n{hint}", 1)


def _say(message: str, code: int) -> int:
    print(f"nissan-analysis: {visible(message, keep=LINES)}", file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
