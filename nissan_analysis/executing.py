"""One notebook, executed by papermill in a kernel of its own, with nothing of the caller in it.

The kernel starts in an empty folder, with an IPython profile of its own and a fixed hash seed,
so that the same notebook, data and parameters give the same outputs whoever runs it.
"""

from __future__ import annotations

import ast
import logging
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import places

if TYPE_CHECKING:
    from nbformat import NotebookNode

KERNEL = "python3"
QUIET = ["--IPKernelApp.log_level=CRITICAL"]  # what goes wrong is in the outputs
ROOM = "Close other programs, or render with --jobs 1."  # where memory ran out
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class NotebookError(RuntimeError):
    """A notebook that cannot be executed, or failed; `executed` is its text as far as it came."""

    exit_code = 1

    def __init__(self, message: str, executed: str = "") -> None:
        super().__init__(message)
        self.executed = executed


def execute(
    path: Path, parameters: Mapping[str, Any], timeout: float | None = None
) -> NotebookNode:
    """Execute the notebook at `path` with `parameters` (JSON types) and return it with its outputs.

    Parameters
    ----------
    timeout
        The most seconds that one cell may take; None for no limit.

    Raises
    ------
    NotebookError
        When the file is no notebook, its parameters cell does not know one of the parameters,
        or a cell fails, takes too long or kills its kernel.
    """
    spare_the_grammar()
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    check_parameters_cell(path, read(path), parameters)
    logging.getLogger("papermill").addHandler(logging.NullHandler())  # we say what went wrong
    with (
        tempfile.TemporaryDirectory(prefix="nissan-analysis-") as folder,
        kernel_environment(folder),
    ):
        begun: list[NotebookNode] = []
        cwd = Path(folder) / "empty"
        cwd.mkdir()
        try:
            nb: NotebookNode = papermill.execute_notebook(
                _literally(path),
                None,
                parameters=dict(parameters),
                kernel_name=KERNEL,
                language="python",
                progress_bar=False,
                log_output=False,
                cwd=cwd,
                execution_timeout=timeout,
                extra_arguments=QUIET,
                # Twice a cell the whole notebook would be written; it is held here instead.
                request_save_on_cell_execute=False,
                autosave_cell_every=0,
                on_notebook_start=lambda notebook: begun.append(notebook),
                shutdown_kernel="immediate",  # it has nothing to save
                # Else its keys would stay among the temporary files when this is interrupted.
                config=Config(KernelManager={"connection_file": str(Path(folder) / "kernel.json")}),
            )
        except PapermillExecutionError as error:
            raise NotebookError(_cell_failed(path, error), _text(begun)) from None
        except Exception as error:  # nbclient and jupyter_client share no base class
            raise NotebookError(_stopped(path, begun, error), _text(begun)) from None
        nbformat.validate(nb)
        return nb


def spare_the_grammar() -> None:
    """Import jsonschema without its checker of international addresses.

    Where JupyterLab is installed, jsonschema finds a package that compiles the grammar of those
    addresses for more than a second, in every process that opens a notebook. No notebook has one.
    """
    grammar = "rfc3987_syntax"
    if "jsonschema" not in sys.modules and grammar not in sys.modules:
        sys.modules[grammar] = None  # type: ignore[assignment]  # to import it fails, as if it were not there
        try:
            import jsonschema  # noqa: F401
        finally:
            del sys.modules[grammar]


def read(path: Path) -> NotebookNode:
    """The notebook at `path`, checked against the notebook format.

    Raises
    ------
    NotebookError
        When it is not a valid notebook.
    """
    spare_the_grammar()
    import nbformat

    try:
        nb: NotebookNode = nbformat.read(path, as_version=4)
        nbformat.validate(nb)
    except (
        nbformat.reader.NotJSONError,
        nbformat.ValidationError,
        UnicodeDecodeError,
        AttributeError,
    ) as error:
        first = str(error).strip().splitlines()[0][:200]
        raise NotebookError(
            f"{path.name} is not a valid notebook: {first}. Restore it from the repository, "
            "or open it in JupyterLab and save it again."
        ) from None
    return nb


def check_parameters_cell(path: Path, nb: NotebookNode, parameters: Mapping[str, Any]) -> None:
    """Refuse a notebook that would run on without noticing one of the parameters."""
    known = set(parameters_cell(nb))
    missing = [name for name in parameters if name not in known]
    if missing:
        raise NotebookError(
            f"{path.name} does not know the parameter{'s' * (len(missing) > 1)} {', '.join(missing)}: "
            "expected an assignment of each in the cell tagged 'parameters'. Add it there."
        )


def parameters_cell(nb: NotebookNode) -> dict[str, Any]:
    """Names and default values in the cell tagged ``parameters``; empty if there is none."""
    names: dict[str, Any] = {}
    for cell in nb.cells:
        if cell.cell_type == "code" and "parameters" in cell.metadata.get("tags", []):
            for node in ast.parse(cell.source).body:
                targets = (
                    node.targets
                    if isinstance(node, ast.Assign)
                    else [getattr(node, "target", None)]
                )
                value = getattr(node, "value", None)
                for target in targets:
                    if isinstance(target, ast.Name) and value is not None:
                        names[target.id] = ast.literal_eval(value)
    return names


@contextmanager
def kernel_environment(folder: str, *, batch: bool = True) -> Iterator[None]:
    """What kernels started inside the ``with`` inherit; the old environment is restored after it."""
    changes: dict[str, str | None] = {
        "NISSAN_ANALYSIS_BATCH": "1" if batch else None,
        "NISSAN_ANALYSIS_DESK": "rest",  # what is stored holds no widgets
        "NISSAN_ANALYSIS_DATA": str(places.data_folder()),
        "NISSAN_ANALYSIS_NOTEBOOKS": str(places.notebooks_folder()),
        "PYTHONHASHSEED": "0",
        "IPYTHONDIR": str(Path(folder) / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(Path(folder) / "runtime"),  # there may be no home to write to
        "JUPYTER_PREFER_ENV_PATH": "1",  # else a kernel named python3 in the home folder wins
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "MPLBACKEND": None,
    }
    if os.path.expanduser("~") == "~":  # noqa: PTH111 - Path raises an error; Jupyter would, too
        changes["HOME"] = folder
    before = {name: os.environ.get(name) for name in changes}
    _set(changes)
    try:
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _literally(path: Path) -> str:
    """papermill fills braces in a path with parameters; these are meant as they stand."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _text(begun: list[NotebookNode]) -> str:
    import nbformat

    return str(nbformat.writes(begun[-1])) if begun else ""


def _cell_failed(path: Path, error: Any) -> str:
    number, source = failing_line("\n".join(error.traceback), error.source)
    where = f", line {number}: {source.strip()}" if number else ""
    said = f"{error.ename}: {_ANSI.sub('', error.evalue).strip()}"
    if error.ename.endswith("MemoryError"):  # numpy has one of its own
        said = f"{said.rstrip(': ')}: memory ran out. {ROOM}"
    number = _own_number(path, error.source)
    return f"Cell {number} of {path.name} (In [{error.exec_count}]) failed{where}\n{said}"


def failing_line(traceback: str, source: str) -> tuple[int, str]:
    """Number (from 1) and text of the line of `source` that IPython's traceback points to; 0 if none."""
    found = re.search(
        r"^-+> *(\d+)|^ *Cell In\[\d+\], line (\d+)", _ANSI.sub("", traceback), re.MULTILINE
    )
    number = int(next(group for group in found.groups() if group)) if found else 0
    lines = source.splitlines()
    return (number, lines[number - 1]) if 0 < number <= len(lines) else (0, "")


def _own_number(path: Path, source: str) -> int:
    """The number of the cell in the notebook itself, where papermill added none."""
    sources = [cell.source for cell in read(path).cells]
    return sources.index(source) + 1 if source in sources else 0


def _stopped(path: Path, notebooks: list[NotebookNode], error: Exception) -> str:
    """What to say of a run that ended without a cell raising anything."""
    kind = type(error).__name__
    cell = "a cell"
    for nb in notebooks:
        begun = [cell for cell in nb.cells if cell.metadata.get("papermill", {}).get("start_time")]
        if begun:
            first = begun[-1].source.strip().splitlines()
            cell = f"cell {_own_number(path, begun[-1].source)} ({first[0] if first else 'empty'})"
    if kind == "CellTimeoutError":
        return f"{path.name}: {cell} took longer than it may. Allow more seconds with --timeout."
    if kind == "DeadKernelError":
        return f"{path.name}: the kernel died in {cell}; most often it ran out of memory. {ROOM}"
    if kind == "MemoryError":
        return f"{path.name}: memory ran out after {cell}. {ROOM}"
    return f"{path.name}: {cell} could not be run. {kind}: {_ANSI.sub('', str(error)).strip()}"
