"""One notebook, executed by papermill with nothing of the caller in it.

Its cells run in an empty folder, with an IPython profile of their own and a fixed hash seed, so
that the same notebook, data and parameters give the same outputs whoever runs it.
"""

from __future__ import annotations

import ast
import logging
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import places

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from .incell import Begins

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


def execute(path: Path, parameters: Mapping[str, Any], begins: Begins) -> NotebookNode:
    """Execute the notebook at `path` with `parameters` (JSON types), in this very process, and
    return it with its outputs.

    The process must be in an empty folder, with `environment` for its own, and must not be used for
    another notebook.

    Parameters
    ----------
    begins
        Is told of each cell before it runs: its number in the file (0 where papermill added it), and
        its source.

    Raises
    ------
    NotebookError
        When the file is no notebook, its parameters cell does not know one of the parameters,
        or a cell fails.
    """
    check_parameters_cell(path, read(path), parameters)
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from .incell import ENGINE

    logging.getLogger("papermill").addHandler(logging.NullHandler())  # we say what went wrong
    begun: list[NotebookNode] = []

    def number(index: int) -> int:
        """The number in the file of a cell of the executed notebook; 0 for the one added."""
        tags = [cell.metadata.get("tags", []) for cell in begun[-1].cells]
        own = [i for i, found in enumerate(tags) if "injected-parameters" not in found]
        return own.index(index) + 1 if index in own else 0

    try:
        papermill.execute_notebook(
            _literally(path),
            None,
            parameters=dict(parameters),
            engine_name=ENGINE,
            kernel_name=KERNEL,
            language="python",
            progress_bar=False,
            # Twice a cell the whole notebook would be written; it is held here instead.
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            started=begun.append,
            begins=lambda index, source: begins(number(index), source),
        )
    except PapermillExecutionError as error:
        said = _cell_failed(path, error, number(error.cell_index))
        raise NotebookError(said, _text(begun)) from None
    return begun[0]


def spare_the_checkers() -> None:
    """Import jsonschema without its checkers of addresses and durations.

    Where JupyterLab is installed, jsonschema finds packages that compile the grammar of such
    addresses, and read calendars, for more than a second in every process that opens a notebook. No
    notebook has any.
    """
    spared = ("rfc3987_syntax", "rfc3986_validator", "isoduration")
    if "jsonschema" not in sys.modules and not set(spared) & set(sys.modules):
        sys.modules.update(dict.fromkeys(spared))  # type: ignore[arg-type]  # to import them fails
        try:
            import jsonschema  # noqa: F401
        finally:
            for name in spared:
                del sys.modules[name]


def read(path: Path) -> NotebookNode:
    """The notebook at `path`, checked against the notebook format.

    Raises
    ------
    NotebookError
        When it is not a valid notebook.
    """
    spare_the_checkers()
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


def environment(folder: Path | str, *, batch: bool = True) -> dict[str, str]:
    """What cells are to find as their environment: that of this process, but for what could change
    their outputs; what they and their libraries write goes to `folder`."""
    changed: dict[str, str | None] = {
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
        changed["HOME"] = str(folder)
    found = {**os.environ, **changed}
    return {name: value for name, value in found.items() if value is not None}


@contextmanager
def kernel_environment(folder: Path | str, *, batch: bool = True) -> Iterator[None]:
    """What kernels started inside the ``with`` inherit; the old environment is restored after it."""
    before = dict(os.environ)
    _become(environment(folder, batch=batch))
    try:
        yield
    finally:
        _become(before)


def _become(variables: Mapping[str, str]) -> None:
    for name in os.environ.keys() - variables.keys():
        del os.environ[name]
    os.environ.update(variables)


def _literally(path: Path) -> str:
    """papermill fills braces in a path with parameters; these are meant as they stand."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _text(begun: list[NotebookNode]) -> str:
    import nbformat

    return str(nbformat.writes(begun[-1])) if begun else ""


def _cell_failed(path: Path, error: Any, cell: int) -> str:
    number, source = failing_line("\n".join(error.traceback), error.source)
    where = f", line {number}: {source.strip()}" if number else ""
    said = f"{error.ename}: {_ANSI.sub('', error.evalue).strip()}"
    if error.ename.endswith("MemoryError"):  # numpy has one of its own
        said = f"{said.rstrip(': ')}: memory ran out. {ROOM}"
    return f"Cell {cell} of {path.name} (In [{error.exec_count}]) failed{where}\n{said}"


def failing_line(traceback: str, source: str) -> tuple[int, str]:
    """Number (from 1) and text of the line of `source` that IPython's traceback points to; 0 if none."""
    found = re.search(
        r"^-+> *(\d+)|^ *Cell In\[\d+\], line (\d+)", _ANSI.sub("", traceback), re.MULTILINE
    )
    number = int(next(group for group in found.groups() if group)) if found else 0
    lines = source.splitlines()
    return (number, lines[number - 1]) if 0 < number <= len(lines) else (0, "")
