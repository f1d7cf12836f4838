"""The process that kernels are forked from: ``python -m nissan_analysis.forking DESCRIPTOR``.

It imports what the notebooks and the writers import, once, and then answers requests on the Unix
socket whose descriptor it is given (it listens already, so that who asks early waits in line). A
request is a kernel's command line or a report to make, with environment, folder and standard
streams; the answer is the process id of a fork that has become it, and later how it ended. A fork
copies only the thread that asks for it, so nothing may run beside that thread here: no event loop,
no ZeroMQ context, no thread pool. That is looked up before the first fork, not hoped for.

The requests and answers are JSON, one a line:

- request ``{"cmd": [...], "env": {...}, "cwd": "..."}``, or ``"task"`` in the place of ``"cmd"``,
  sent with two descriptors (stdout and stderr of the fork) on its first byte; later
  ``{"signal": number}``
- request ``{"expect": ["report", ...]}``: reports that will be asked for; there is no answer
- answer ``{"pid": number}`` or ``{"refused": "why", "retired": bool}``; later ``{"ended": exit code}``

A connection is the life of its kernel: when the client goes, the kernel is killed. The standard
input is the life of this process: when its writer goes, all kernels are killed and this ends.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import selectors
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from . import executing
from .kernels import READY

#: What is imported before the first fork. None of these starts a thread, opens a socket or
#: reads the environment in a way that a kernel's own environment would change (see `_differs`).
MODULES = (
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "matplotlib_inline.config",
    "pandas",
    "matplotlib.backends.backend_svg",
    "matplotlib.dates",
)
#: What is long to import, and only some reports use, or may: imported before the first fork for one
#: of them, or, where it is expected, while others are being made.
SELDOM = {
    "briefing": ("scipy.stats", "statsmodels.tsa.holtwinters"),
    "china_sales": (
        "scipy.stats",
        "seaborn",
        "statsmodels.tsa.seasonal",
        "statsmodels.tsa.holtwinters",
    ),
}
PACKAGE = __name__.partition(".")[0] if __name__ != "__main__" else __spec__.parent
LIFELINE = 0  # the standard input
_ENDED = os.WEXITED | os.WNOHANG | os.WNOWAIT if hasattr(os, "WNOWAIT") else 0
LAUNCHER = "ipykernel_launcher"
#: Set here, so that libraries compute in the thread that asks them.
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
#: Variables that Python, its libraries or matplotlib read once, at their start.
_READ_ONCE = ("PYTHON", "LANG", "LC_", "MATPLOTLIBRC", "MPLCONFIGDIR", "OMP_", "OPENBLAS_", "MKL_")


class Notebook:
    """What ``get_ipython()`` answers while libraries are imported that ask whether they are in a
    notebook (pandas chooses by it how wide a table is printed)."""

    kernel = True


@dataclass
class Request:
    """A kernel, or a report in the making, that was asked for; its end is told on `connection`."""

    connection: socket.socket
    streams: list[int]
    cmd: list[str] = field(default_factory=list)
    task: dict[str, Any] | None = None
    expect: list[str] = field(default_factory=list)
    parent: int = field(default_factory=os.getpid)  # of the fork, taken before it
    env: dict[str, str] = field(default_factory=dict)
    cwd: str = "/"

    def close(self) -> None:
        self.connection.close()
        for stream in self.streams:
            os.close(stream)


def main() -> None:
    """Listen, import, fork on request; in a fork, be the kernel."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # ends by its lifeline, not with a keyboard's group
    environment = dict(os.environ)
    del sys.path[0]  # the folder that this started in; ipykernel's launcher does the same
    listener = socket.socket(fileno=int(sys.argv[1]))
    folder = Path.cwd()
    preload()
    (folder / READY).touch()
    request = Server(listener, environment).serve()
    if request is not None:
        become(request)
    else:  # who started this may have been killed: leave nothing behind
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)  # there is nothing to put in order, and much to take down


def preload() -> None:
    """Import what the notebooks and the writers use, and read the fonts and the data.

    Raises
    ------
    SystemExit
        When a thread runs after it: a fork would lack it, and might wait for it forever.
    """
    gc.disable()  # little is thrown away here; a fork collects again
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))  # else numpy starts a thread a core
    executing.spare_the_checkers()
    load((*MODULES, *analyses()))
    with warnings.catch_warnings():  # no kernel has these, nor what they set
        load(writers())
    import matplotlib as mpl
    import nbformat

    from . import charts, fingerprint, ledger
    from .document import glossary, glyphs, phone
    from .incell import INLINE

    mpl.rcParams["backend"] = INLINE  # looks through what is installed for backends
    charts.load_fonts()
    nbformat.validate(nbformat.v4.new_notebook())  # compiles its schema
    # Each of these reads files once in a process, which is here.
    for read in (
        partial(glyphs.drawable, ""),
        phone.letter_widths,
        glossary.words,
        fingerprint.package_version,
    ):
        read()
    with contextlib.suppress(Exception):  # what is wrong with the data is for a notebook to say
        ledger.tables_of()
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join(5)  # matplotlib's, where it lists the fonts for the first time
    if why := crowded():
        sys.exit(f"nissan-analysis: {why}; no kernel is forked")
    gc.freeze()  # no collection looks through it, which would copy it in every fork


def load(names: Iterable[str]) -> None:
    """Import modules as a notebook would."""
    builtins.get_ipython = Notebook  # type: ignore[attr-defined]
    try:
        for name in names:
            importlib.import_module(name)
    finally:
        del builtins.get_ipython  # type: ignore[attr-defined]
    # Its import is what tells the shell, which does not exist yet, to show figures.
    sys.modules.pop("matplotlib_inline.backend_inline", None)


def crowded() -> str:
    """Why nothing may be forked any more, if so: a fork would lack a thread, and might wait for it."""
    return f"{threads()} threads run after the imports" if threads() > 1 else ""


def analyses() -> Iterator[str]:
    """The modules of this package that notebooks import, and those of its analyses."""
    yield from (f"{PACKAGE}.{name}" for name in ("telling", "briefing", "disputes", "outlook"))
    for name in ("alliances", "china", "restructuring", "sakura"):
        yield f"{PACKAGE}.{name}"
        folder = Path(__file__).with_name(name)
        yield from (f"{PACKAGE}.{name}.{m.name}" for m in pkgutil.iter_modules([str(folder)]))


def writers() -> Iterator[str]:
    """What executes a notebook without a kernel, and writes its report."""
    yield from (f"{PACKAGE}.incell", f"{PACKAGE}.apart")
    yield from (
        f"{PACKAGE}.document.{name}" for name in ("to_html", "to_pdf", "to_json", "to_index")
    )
    yield f"{PACKAGE}.canonical"
    yield from ("IPython.core.completerlib", "IPython.core.oinspect", "matplotlib.style")


def threads() -> int:
    """Threads of this process, also those that Python does not know of, where /proc tells."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else threading.active_count()


class Server:
    """Answers requests for kernels; `forks` has the connection of each that lives."""

    def __init__(self, listener: socket.socket, environment: Mapping[str, str]) -> None:
        self.listener = listener
        self.forks: dict[int, socket.socket] = {}
        self.reports: set[int] = set()
        self.code = _code()
        self.expected: list[str] = []  # modules to import when there is time
        self.retired = False
        self.environment = environment
        self.woken, self.wake = socket.socketpair()
        for end in (self.woken, self.wake):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # a handler, so that the wakeup is written
        signal.set_wakeup_fd(self.wake.fileno())
        self.selector = selectors.DefaultSelector()
        self.selector.register(LIFELINE, selectors.EVENT_READ)
        self.selector.register(listener, selectors.EVENT_READ, self._accept)
        self.selector.register(self.woken, selectors.EVENT_READ, self._reap)

    def serve(self) -> Request | None:
        """Answer until the lifeline is cut, or the code is old and the last kernel has ended (None);
        in a fork, say what it is to become."""
        while self.forks or not self.retired:
            ready = self.selector.select(0 if self.forks and self.expected else None)
            if not ready:
                self._import(self.expected[:1])
            for key, _ in ready:
                if key.fd == LIFELINE:
                    self._end()
                    return None
                request: Request | None = key.data()
                if request is not None:
                    return request
        return None

    def _accept(self) -> Request | None:
        connection, _ = self.listener.accept()
        try:
            connection.settimeout(10)  # whoever asks writes at once
            request = _received(connection)
        except (OSError, ValueError):
            connection.close()
            return None
        if request.expect:
            self.expected += [name for report in request.expect for name in SELDOM.get(report, ())]
            request.close()
            return None
        retired = _edited(self.code)
        why = retired or _differs(request, self.environment)
        if not why:
            # Of a kernel nobody knows what it will need.
            task, all_of_them = request.task, chain(*SELDOM.values())
            self._import(SELDOM.get(task["report"], ()) if task else all_of_them)
            why = retired = crowded()
        if why:
            _tell(connection, {"refused": why, "retired": bool(retired)})
            request.close()
            if retired:
                self.retired = True
                self.selector.unregister(self.listener)
                self.listener.close()
            return None
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            self._let_go()
            return request
        for stream in request.streams:
            os.close(stream)
        self.forks[pid] = connection
        if request.task:
            self.reports.add(pid)
        self.selector.register(connection, selectors.EVENT_READ, partial(self._asked, pid))
        _tell(connection, {"pid": pid})
        return None

    def _import(self, names: Iterable[str]) -> None:
        """What cannot be imported is for the notebook to say that imports it."""
        missing = [name for name in names if name not in sys.modules]
        for name in missing:
            with contextlib.suppress(Exception):
                load([name])
        if missing:
            gc.freeze()
        self.expected = [name for name in self.expected if name not in (*missing, *sys.modules)]

    def _let_go(self) -> None:
        """In a fork: nothing of this process stays open but the streams it was sent."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.selector.close()
        for one in (self.listener, self.woken, self.wake, *self.forks.values()):
            one.close()

    def _asked(self, pid: int) -> None:
        """A signal for a fork, or, when the client has gone, its end."""
        if pid not in self.forks:  # it ended while this was on its way
            return
        try:
            text = self.forks[pid].recv(4096)
        except OSError:
            text = b""
        for line in text.splitlines():
            _signal(pid, json.loads(line)["signal"])
        if not text:
            self.selector.unregister(self.forks[pid])
            _signal(pid, signal.SIGKILL)

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.woken.recv(4096)
        for pid in list(self.forks):
            if pid in self.reports and os.waitid(os.P_PID, pid, _ENDED):
                self.reports.discard(pid)
                _signal(pid, signal.SIGKILL)  # what its cells have started
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                connection = self.forks.pop(pid)
                with contextlib.suppress(KeyError):
                    self.selector.unregister(connection)
                _tell(connection, {"ended": os.waitstatus_to_exitcode(status)})
                connection.close()

    def _end(self) -> None:
        for pid in self.forks:
            _signal(pid, signal.SIGKILL)
        for pid in self.forks:
            os.waitpid(pid, 0)


def _received(connection: socket.socket) -> Request:
    first, streams, _, _ = socket.recv_fds(connection, 1, 2)
    request = Request(connection, list(streams))
    text = first
    while not text.endswith(b"\n"):
        part = connection.recv(65536)
        if not part:
            request.close()
            raise ConnectionResetError
        text += part
    asked = json.loads(text)
    request.cmd, request.task = asked.get("cmd", []), asked.get("task")
    request.env, request.cwd = asked.get("env", {}), asked.get("cwd", "/")
    request.expect = asked.get("expect", [])
    return request


def _tell(connection: socket.socket, answer: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # the client has gone
        connection.sendall(json.dumps(answer).encode() + b"\n")


def _signal(pid: int, number: int) -> None:
    """Signal a fork that was not waited for yet, and what it started, as jupyter_client does."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:  # so young that it leads no group yet
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _differs(request: Request, environment: Mapping[str, str]) -> str:
    """Why a fork would not be the kernel that was asked for; empty if it would."""
    if not (request.task or is_ipykernel(request.cmd)):
        return f"the command is not that of ipykernel under {sys.executable}"
    for name in sorted({*environment, *request.env}):
        if name.startswith(_READ_ONCE):
            mine, asked = environment.get(name), request.env.get(name)
            if mine != asked and not (name == "PYTHONHASHSEED" and asked in (None, "random")):
                return f"{name} is {asked!r} for it, but was {mine!r} at the imports"
    if (Path(request.cwd) / "matplotlibrc").exists():
        return "its folder has a matplotlibrc"
    return ""


def is_ipykernel(cmd: Sequence[str]) -> bool:
    """Whether a kernel's command line is ``python -m ipykernel_launcher ...`` of this Python."""
    return list(cmd[:3]) == [sys.executable, "-m", LAUNCHER]


def _code() -> dict[str, tuple[int, int]]:
    """Time and size of the imported files of this package."""
    found: dict[str, tuple[int, int]] = {}
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if name.partition(".")[0] == PACKAGE and path:
            with contextlib.suppress(OSError):
                stat = Path(path).stat()
                found[path] = (stat.st_mtime_ns, stat.st_size)
    return found


def _edited(code: Mapping[str, tuple[int, int]]) -> str:
    """Which file was edited since the imports: the desk expects new code after a restart."""
    now = _code()
    changed = sorted(path for path in code if now.get(path) != code[path])
    return f"{changed[0]} was edited since the imports" if changed else ""


def become(request: Request) -> None:
    """In a fork: be what was asked for, as if it had been started by itself."""
    request.connection.close()
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, stream in enumerate([nothing, *request.streams]):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request.cwd)
    os.environ.clear()
    os.environ.update(request.env)
    time.tzset()
    gc.enable()
    tempfile.tempdir = None  # an import may have asked where it is
    _reseed()
    import matplotlib as mpl

    from .incell import INLINE

    # Where pictures go is read when matplotlib is imported; IPython names its own place first.
    mpl.rcParams["backend"] = os.environ.get("MPLBACKEND", INLINE)
    if request.task:
        from . import apart

        apart.be(request.task, request.parent)
    import ipykernel_launcher
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = [str(ipykernel_launcher.__file__), *request.cmd[3:]]
    # The poller of ipykernel ends the kernel should the server be killed.
    IPKernelApp.launch_instance(parent_handle=os.getppid())


def _reseed() -> None:
    """Python's own generator reseeds itself after a fork; numpy's global one does not."""
    import numpy as np

    np.random.seed()


if __name__ == "__main__":
    main()
