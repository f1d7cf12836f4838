"""A papermill engine without a kernel: the cells run in this very process.

For a process that was made for one notebook and ends with it (see `apart`). What a cell prints,
shows or raises becomes the message that a kernel would send, and nbclient makes an output of it: so
the executed notebook is the same, without a second process, its sockets and its start. What is
written past Python's own streams (by another process, or in C) is no output here.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from types import SimpleNamespace
from typing import Any

from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.history import HistoryManager
from jupyter_client.session import Session
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_notebook
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines

#: The name under which papermill knows the engine.
ENGINE = "nissan-in-this-process"
#: Where a kernel has figures shown that a cell leaves open.
INLINE = "module://matplotlib_inline.backend_inline"
#: What a kernel says of its language; `canonical.METADATA` keeps only the name.
LANGUAGE = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}
#: Is told of each cell before it runs: its place in the executed notebook, and its source.
Begins = Callable[[int, str], object]


class Heard(Session):
    """A session whose messages go to `hear` instead of to a socket, as JSON would carry them."""

    hear: Callable[[dict[str, Any]], object]

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, *_: Any, **__: Any) -> None:
        msg = msg_or_type if isinstance(msg_or_type, dict) else self.msg(msg_or_type, content)
        self.hear({**msg, "content": self.unpack(self.pack(msg["content"]))})


class Printed(io.TextIOBase):
    """Standard output or error of the cells; what is written is sent when flushed, as in a kernel."""

    encoding = "utf-8"

    def __init__(self, session: Heard, name: str) -> None:
        self._session, self._name, self._parts = session, name, list[str]()

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1 if self._name == "stdout" else 2

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        self._parts.append(text)
        return len(text)

    def flush(self) -> None:
        text = "".join(self._parts)
        self._parts.clear()
        if text:
            sound = text.encode(errors="backslashreplace").decode()
            self._session.send(None, "stream", {"name": self._name, "text": sound})


class Client(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's own client, but each cell is a call."""

    begins: Begins

    def execute(self, **_: Any) -> Any:
        self.reset_execution_trackers()
        self._session = Heard()
        self._shell = _shell(self._session)
        self._streams = [Printed(self._session, name) for name in ("stdout", "stderr")]
        self.papermill_execute_cells()
        self.nb.metadata["language_info"] = dict(LANGUAGE)
        return self.nb

    def execute_cell(self, cell: Any, cell_index: int, *_: Any, **__: Any) -> Any:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not cell.source.strip() or self.skip_cells_with_tag in tags:
            return cell
        self.begins(cell_index, cell.source)
        cell.outputs = []
        self.clear_before_next_output = False
        self._session.hear = lambda msg: self.process_message(msg, cell, cell_index)
        shell, (out, err) = self._shell, self._streams
        with redirect_stdout(out), redirect_stderr(err):
            result = shell.run_cell(cell.source, store_history=True, cell_id=cell.get("id"))
            out.flush()
            err.flush()
        cell["execution_count"] = shell.execution_count - 1
        error = result.error_before_exec or result.error_in_exec
        if error is not None or shell._last_traceback_during_displayhook:
            reply = {
                "status": "error",
                "ename": type(error).__name__,
                "evalue": str(error),
                "traceback": shell._last_traceback or [],
            }
            if not (self.allow_errors or "raises-exception" in tags):
                raise CellExecutionError.from_cell_and_msg(cell, reply)
        return cell


class InThisProcess(Engine):  # type: ignore[misc]
    @classmethod
    def execute_notebook(cls, nb: Any, *given: Any, **more: Any) -> Any:
        """papermill looks for errors in what it gets back, and writes it out as text, also where no
        file was asked for: so it gets the notebook only if there are any. `started` has it."""
        executed = super().execute_notebook(nb, *given, **more)
        shown = [output for cell in executed.cells for output in cell.get("outputs", ())]
        stopped = any(cell.metadata.papermill.get("exception") for cell in executed.cells)
        failed = stopped or any(output.output_type == "error" for output in shown)
        return executed if failed else new_notebook()

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        started: Callable[[Any], object],
        begins: Begins,
        **_: Any,
    ) -> Any:
        started(nb_man.nb)
        client = Client(nb_man, kernel_name=kernel_name)
        client.begins = begins
        return client.execute()


def _shell(session: Heard) -> Any:
    """The shell of a kernel, with no history on disk, whose outputs go to `session`."""
    os.environ.setdefault("MPLBACKEND", INLINE)
    HistoryManager.enabled = False  # type: ignore[assignment]
    shell: Any = ZMQInteractiveShell.instance()
    for part in (shell.displayhook, shell.display_pub):
        part.session = session
    shell.displayhook.topic = b"execute_result"
    shell.kernel = SimpleNamespace(eventloop=None)  # asked for by exit()
    return shell


papermill_engines.register(ENGINE, InThisProcess)
