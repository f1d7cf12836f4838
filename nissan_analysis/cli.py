"""The command line: ``nissan-analysis render | sweep | plants | check | facts | notebooks | lab``.

Exit codes: 0 done, 1 something failed, 2 wrong use, 130 interrupted. Whatever is slow to import
is imported by the command that needs it.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter

from . import again, parameters
from .cells import visible
from .cli_render import Formats, Jobs, Options, Out, Timeout, make, plants, render, sweep
from .places import DESK, REPORTS, SHEETS

LINES = "\n\t"

app = App(
    name="nissan-analysis",
    help="Source-cited reports on Nissan: China, the Sakura, the restructuring, the alliances.",
    version=lambda: version("nissan-analysis"),
    help_format="plaintext",
    suppress_keyboard_interrupt=False,
)
for command in (render, sweep, plants):
    app.command(command)


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
        Two days (the report is made at both), two facts.json, or two folders, of which what both hold
        is compared
    report
        Which reports to make at two days, with commas between
    json
        Print it for machines
    out
        Also write it as an HTML page to this file
    """
    from . import comparing_page, editions
    from .files import write_together

    found = editions.compared(then, now, report.split(","), jobs)
    lone = editions.lone(then, now)
    left = comparing_page.not_compared(then, now, lone)
    if out is not None:
        page = comparing_page.page(found, left).encode()
        write_together({out / "compare.html" if out.is_dir() or not out.suffix else out: page})
    if json:
        print(comparing_page.as_json(found, lone))
    else:
        for one in found:
            print("\n".join(comparing_page.as_text(one)), end="\n\n")
        print("\n".join(left), end="\n" if left else "")
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
    options = Options(out, formats, jobs)
    made = editions.tasks(report, editions.days_of(since, last, every), options.chosen)
    code = make(made, options)
    if code == 0:
        page = out / f"{made[0].report}-vintages.html"
        link = "{report}-{day}.html" if "html" in options.chosen else ""
        told = series_page.page(editions.read_series(out, made), link)
        write_together({page: told.encode()})
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
    given = sys.argv[1:] if arguments is None else arguments
    code = run(given)
    if code == 0:
        again.keep(given)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # there is nothing left to interrupt
    sys.exit(code)


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
