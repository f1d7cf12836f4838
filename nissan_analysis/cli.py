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
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter

from . import again, parameters
from .cells import visible
from .cli_render import Timeout, plants, render, sweep
from .places import REPORTS, SHEETS

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
def check() -> int:
    """Read all of the data, and check totals against parts and printed growth against figures."""
    from .checks import run_checks
    from .ledger import Ledger
    from .showing import checked

    ledger = Ledger.load()
    return checked(ledger, run_checks(ledger))


@app.command
def audit(*pages: Path) -> int:
    """Hold every number of HTML reports against the data, and make each report again.

    Parameters
    ----------
    pages
        HTML reports, or folders of them; reports/ unless given
    """
    from .auditing import audit_all
    from .showing import audited

    return audited(audit_all(pages or (Path("reports"),)))


@app.command
def facts(*query: str, as_of: str = "latest", limit: int = 40) -> int:
    """Search the facts.

    Parameters
    ----------
    query
        Words that must all occur in a fact's name, entity, metric, period, source or note
    as_of
        Only what was known on this day, such as 2024-03-31
    limit
        The most rows to print
    """
    from .ledger import Ledger
    from .showing import found

    try:
        parameters.validate("briefing", {"as_of": as_of})
    except parameters.ParameterError as error:
        raise parameters.ParameterError("facts", error.faults) from None
    return found(Ledger.load(as_of), query, limit)


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
    for name in names or (*REPORTS, *SHEETS):
        path = places.notebook(name.replace("-", "_"))
        changed = refresh(path, timeout or None)
        print(f"{path.name}: {'written' if changed else 'unchanged'}", flush=True)
    return 0


@app.command
def lab(*options: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> int:
    """Open the notebooks in JupyterLab.

    Parameters
    ----------
    options
        Anything JupyterLab understands, such as --no-browser
    """
    from .desk import folder_to_open

    folder = folder_to_open()
    print(f"JupyterLab opens {folder}", flush=True)
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab", *options, str(folder)])


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit; every error is a message, never a traceback."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    given = sys.argv[1:] if arguments is None else arguments
    code = run(given)
    if code == 0:
        again.keep(given)
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
