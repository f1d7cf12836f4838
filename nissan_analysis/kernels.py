"""Warm kernels: for the length of a batch, kernels are forked from a process that has imported all.

``with warm():`` starts that process (see `forking`) and names it in the environment, so that the
processes of a pool find it too. Where nothing can be forked the block runs all the same, with
kernels that start from scratch, and that is said once.

``NISSAN_ANALYSIS_WARM`` set to 0 turns it off; set to 1 it turns it on where it is not usual
(macOS, whose own libraries do not all survive a fork).
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: The name under which jupyter_client knows the provisioner (an entry point of this package).
PROVISIONER = "nissan-warm"
#: How jupyter_client is told of it.
CHOICE = "JUPYTER_DEFAULT_PROVISIONER_NAME"
#: Where the process listens that an outer process has started.
ADDRESS = "NISSAN_ANALYSIS_WARM_SOCKET"
SWITCH = "NISSAN_ANALYSIS_WARM"
#: A file in the folder of that process as soon as it answers; before that it has no fork.
READY = "ready"
PATIENCE = 60.0  # seconds for the first answer, which comes when the imports are done

_log = logging.getLogger(__name__)


class NotForked(RuntimeError):
    """The process that kernels are forked from is gone, or would not fork this one.

    `retired` when it will fork no other either.
    """

    def __init__(self, message: str, retired: bool = True) -> None:
        super().__init__(message)
        self.retired = retired


class Forkserver:
    """A process of `forking`, started by this one; it ends with this one, or with `stop`."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="nissan-analysis-", dir=_short_folder())
        self.address = str(Path(self.folder) / "kernels")
        environment = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}
        # Where matplotlib has no place of its own, it leaves a folder there.
        environment["TMPDIR"] = self.folder
        try:
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(self.address)
                listener.listen(64)
                self.process = subprocess.Popen(
                    [sys.executable, "-m", "nissan_analysis.forking", str(listener.fileno())],
                    env=environment | {"PYTHONHASHSEED": "0"},
                    cwd=self.folder,
                    stdin=subprocess.PIPE,  # never written to: it closes when this process ends
                    pass_fds=[listener.fileno()],
                    start_new_session=True,
                )
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def lives(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        """End the process and every kernel that it forked."""
        assert self.process.stdin
        self.process.stdin.close()
        if not (Path(self.folder) / READY).exists():  # it would import all to its end
            self.process.kill()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Fork:
    """A forked process, spoken to like a `subprocess.Popen`: a kernel with the command line
    ``{"cmd": [...]}``, or a report in the making with ``{"task": {...}}``.

    Raises
    ------
    NotForked
        When there is nothing to fork it from.
    """

    stdin = stdout = stderr = None

    def __init__(
        self,
        address: str,
        what: Mapping[str, Any],
        env: Mapping[str, str],
        cwd: str,
        streams: list[int],
    ) -> None:
        self.returncode: int | None = None
        self._connection = socket.socket(socket.AF_UNIX)
        self._heard = b""
        try:
            self._connection.settimeout(PATIENCE)
            self._connection.connect(address)
            asked = json.dumps({**what, "env": dict(env), "cwd": cwd}).encode() + b"\n"
            socket.send_fds(self._connection, [asked[:1]], streams)
            self._connection.sendall(asked[1:])
            answer = self._answer()
        except OSError as error:
            self._connection.close()
            raise NotForked(f"the process to fork it from does not answer: {error}") from None
        if "pid" not in answer:
            self._connection.close()
            raise NotForked(
                answer.get("refused", "the process to fork it from has ended"),
                answer.get("retired", True),
            )
        self.pid: int = answer["pid"]

    def _answer(self) -> dict[str, Any]:
        """The next answer; empty when there comes none any more."""
        while b"\n" not in self._heard:
            part = self._connection.recv(4096)
            if not part:
                return {}
            self._heard += part
        line, _, self._heard = self._heard.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while the kernel runs."""
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> int | None:
        """Like `poll`, but waits for the end, for `timeout` seconds at most."""
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                # No answer at all: the process that would tell it was killed, and its forks end.
                self.returncode = self._answer().get("ended", -9)
            except (BlockingIOError, TimeoutError):
                return None
            except OSError:
                self.returncode = -9
            self._connection.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal the kernel and what it started, unless it has ended.

        It goes through the process that waits for the kernel: only there is a process id sure
        to be still the kernel's.
        """
        if self.poll() is None:
            self._connection.settimeout(PATIENCE)
            with contextlib.suppress(OSError):
                self._connection.sendall(json.dumps({"signal": int(number)}).encode() + b"\n")

    def kill(self) -> None:
        self.send_signal(9)

    def terminate(self) -> None:
        self.send_signal(15)


_ahead: Forkserver | None = None


def ahead() -> None:
    """Start what `warm` will need already, beside all that comes before it, where there is a core
    for it; what hinders it is told there."""
    global _ahead
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2:
        return
    if os.environ.get(SWITCH) != "0" and not os.environ.get(ADDRESS):
        with contextlib.suppress(OSError):
            _ahead = Forkserver()
            atexit.register(_ahead.stop)  # should nothing need it


@contextmanager
def warm() -> Iterator[None]:
    """Kernels that start inside the ``with``, in this process and those it starts, are forked."""
    global _ahead
    if os.environ.get(ADDRESS) or not possible():
        yield
        return
    try:
        server, _ahead = _ahead or Forkserver(), None
    except OSError as error:
        say_once(f"The process that kernels are forked from could not be started: {error}.")
        yield
        return
    names = {ADDRESS: server.address, CHOICE: PROVISIONER}
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    chosen = _choose(PROVISIONER)
    try:
        yield
        if not server.lives():
            say_once("The process that kernels are forked from has ended early.")
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        _choose(chosen)
        server.stop()


def possible() -> bool:
    """Whether kernels can be forked here; says once why not, unless they were turned off."""
    switch = os.environ.get(SWITCH, "")
    if switch == "0":
        return False
    if not (hasattr(os, "fork") and hasattr(socket, "AF_UNIX") and hasattr(socket, "send_fds")):
        say_once("This system cannot fork a process.")
        return False
    if sys.platform != "linux" and switch != "1":
        say_once(f"On this system kernels are forked only where {SWITCH} is set to 1.")
        return False
    return True


_said: set[str] = set()


def say_once(why: str) -> None:
    """Tell that kernels start from scratch, and why, once in a process."""
    if why not in _said:
        _said.add(why)
        _log.warning("%s Each report and kernel starts from scratch: the same, only slower.", why)


def fork(
    what: Mapping[str, Any], env: Mapping[str, str], cwd: str, streams: list[int]
) -> Fork | None:
    """A `Fork`, or None where it has to start from scratch; that is said once."""
    why = gone = ""
    for _ in range(2):
        where = address(gone)
        if not where:
            break
        try:
            return Fork(where, what, env, cwd, streams)
        except NotForked as error:
            why, gone = str(error), where
            if not error.retired:
                break
    if why:
        say_once(f"A process could not be forked: {why}.")
    return None


def expect(reports: Iterable[str]) -> None:
    """Tell the process that is forked from which reports it will be asked for, if there is one."""
    where = os.environ.get(ADDRESS)
    if where:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.connect(where)
            connection.sendall(json.dumps({"expect": sorted(set(reports))}).encode() + b"\n")


_own: Forkserver | None = None
_starting = threading.Lock()  # kernels that are started together share one


def address(gone: str = "") -> str:
    """Where to ask for a fork: a server named by an outer process, else one of this process, which
    is started when first asked for, or when that at `gone` forks no more; empty if there is none."""
    global _own
    named = os.environ.get(ADDRESS, "")
    if named or not possible():
        return "" if gone else named
    with _starting:
        if _own is None or _own.address == gone or not _own.lives():
            # An old one stays for the kernels that it has forked, and ends by itself after them.
            _own = Forkserver()
            atexit.register(_own.stop)
        return _own.address


def _choose(name: str | None) -> str | None:
    """Tell jupyter_client, should it be loaded (it reads the environment but once); what it was told."""
    factory = sys.modules.get("jupyter_client.provisioning.factory")
    if factory is None:
        return None
    known = factory.KernelProvisionerFactory.instance()
    before: str = known.default_provisioner_name
    known.default_provisioner_name = name or "local-provisioner"
    return before


def _short_folder() -> str | None:
    """Where a socket can be: its path may have about a hundred bytes, no more."""
    return None if len(os.fsencode(tempfile.gettempdir())) < 60 else "/tmp"
