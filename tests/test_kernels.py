"""Warm kernels: real ones, forked, beside real ones that start from scratch."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from jupyter_client.manager import KernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError

import tiny
from nissan_analysis import executing, kernels

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux"),
]

#: Only a fork has imported this before its first cell.
FORKED = "import sys; print('statsmodels.tsa.seasonal' in sys.modules)"


@pytest.fixture(scope="module")
def warm() -> Iterator[None]:
    with kernels.warm():
        yield


@contextmanager
def kernel(**more: Any) -> Iterator[Any]:
    """A kernel and its client; ended at once."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(**more)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def said(client: Any, code: str) -> str:
    """All that `code` printed, and the name of the error it ended with."""
    heard: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        content = message["content"]
        heard.append(content.get("text", "") or content.get("ename", ""))

    client.execute_interactive(code, output_hook=hear, timeout=60)
    return "".join(heard)


def fork_of(manager: Any) -> kernels.Fork:
    fork = manager.provisioner.process
    assert isinstance(fork, kernels.Fork), "the kernel was not forked"
    return fork


def wait_for(happened: Callable[[], object], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def state(pid: int) -> str:
    """The letter of a process's state, such as Z for a zombie; empty when there is none."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return ""


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def sockets(pid: int) -> set[str]:
    found: set[str] = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.add(str(descriptor.readlink()))
    return {name for name in found if name.startswith("socket:")}


#: What a notebook could see of how its kernel came about.
PROBE = """
import builtins, gc, json, locale, logging, os, signal, sys, threading, warnings
import matplotlib as mpl, numpy as np, pandas as pd, statsmodels.tsa.seasonal
from nissan_analysis import alliances, briefing, china, restructuring, sakura, telling
told = {
    "backend": mpl.rcParams["backend"], "rc": {k: str(v) for k, v in mpl.rcParams.items()},
    "pandas": pd.describe_option(_print_desc=False).lower().splitlines(),
    "argv": [a for a in sys.argv if not a.endswith(".json")], "path": sys.path, "flags": str(sys.flags),
    "cwd": os.path.basename(os.getcwd()), "recursion": sys.getrecursionlimit(),
    "filters": sorted(map(str, warnings.filters)), "locale": locale.setlocale(locale.LC_ALL),
    "gc": [gc.isenabled(), gc.get_threshold()], "main": __name__, "executable": sys.executable,
    "environment": {k: v for k, v in os.environ.items() if k not in (
        "JPY_PARENT_PID", "NISSAN_ANALYSIS_WARM_SOCKET", "JUPYTER_DEFAULT_PROVISIONER_NAME", "_")},
    "signals": {str(n): str(signal.getsignal(n)).split(" at ")[0] for n in signal.valid_signals()},
    "threads": sorted(type(t).__name__ for t in threading.enumerate()),
    "loggers": [str(h) for h in logging.getLogger().handlers],
    "wide": repr(pd.DataFrame([range(40)])),
    "leader": os.getpid() == os.getsid(0) == os.getpgid(0), "umask": os.umask(0o022),
}
print(json.dumps(told))
"""


def test_a_fork_is_what_a_kernel_from_scratch_is(warm: None, tmp_path: Path) -> None:
    seen = []
    for name in ("nissan-warm", "local-provisioner"):
        before = kernels._choose(name)
        try:
            with executing.kernel_environment(str(tmp_path)), kernel(cwd=str(tmp_path)) as (_, one):
                seen.append(json.loads(said(one, PROBE)))
        finally:
            kernels._choose(before)
    for name, told in seen[0].items():
        assert told == seen[1][name], name


def test_what_is_printed_at_every_depth(warm: None) -> None:
    # ipykernel watches no descriptors where it sees pytest
    env = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    with kernel(env=env) as (manager, one):
        fork_of(manager)
        assert said(one, "print('from Python')") == "from Python\n"
        assert "from the system" in said(one, "import os; os.system('echo from the system')")
        assert said(one, "import sys; print('error', file=sys.stderr)") == "error\n"
        assert said(one, "1 / 0") == "ZeroDivisionError"


def test_figures_left_open_are_shown(warm: None) -> None:
    """They once were not: the module that shows them was imported before there was a shell."""
    with kernel() as (manager, one):
        fork_of(manager)
        seen: list[str] = []
        one.execute_interactive(
            "import matplotlib.pyplot as plt; plt.plot([1, 2]);",
            output_hook=lambda message: seen.extend(message["content"].get("data", ())),
            timeout=60,
        )
        assert "image/png" in seen


def test_interrupted_it_lives_on(warm: None) -> None:
    with kernel() as (manager, one):
        fork_of(manager)
        for busy in ("import time; time.sleep(60)", "while True: pass"):
            asked = one.execute(f"print('begun', flush=True)\n{busy}", stop_on_error=False)
            while "begun" not in one.get_iopub_msg(timeout=60)["content"].get("text", ""):
                pass
            manager.interrupt_kernel()
            while (reply := one.get_shell_msg(timeout=30))["parent_header"]["msg_id"] != asked:
                pass
            assert reply["content"]["ename"] == "KeyboardInterrupt"
        assert said(one, "print(6 * 7)") == "42\n"


def test_no_two_draw_the_same_numbers(warm: None) -> None:
    code = (
        "import random, uuid, numpy as np; "
        "print(random.random(), np.random.rand(), np.random.default_rng().random(), uuid.uuid4())"
    )
    with kernel() as (_, one), kernel() as (_, two):
        first, second = said(one, code).split(), said(two, code).split()
    assert len(first) == 4
    assert not set(first) & set(second)


def test_no_socket_is_shared(warm: None) -> None:
    with kernel() as (first, one), kernel() as (second, two):
        pids = [fork_of(first).pid, fork_of(second).pid]
        assert said(one, "print(1)") == said(two, "print(1)") == "1\n"
        server = parent(pids[0])
        assert parent(pids[1]) == server
        open_in = [sockets(pid) for pid in (*pids, server, os.getpid())]
        assert all(open_in), "nothing was looked at"
        for number, some in enumerate(open_in):
            for others in open_in[number + 1 :]:
                assert not some & others


def test_no_zombie_and_every_exit_code(warm: None) -> None:
    ended: list[int] = []
    for code, wanted in (
        ("import os; os._exit(3)", 3),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", -signal.SIGSEGV),
        ("", None),
    ):
        with kernel() as (manager, one):
            fork = fork_of(manager)
            server = parent(fork.pid)
            if code:
                one.execute(code)
                wait_for(lambda fork=fork: fork.poll() is not None)
                assert not manager.is_alive()
                assert fork.returncode == wanted
        assert fork.poll() is not None
        ended.append(fork.pid)
    assert [state(pid) for pid in ended] == ["", "", ""]
    children = [
        p
        for p in Path("/proc").glob("[0-9]*")
        if state(int(p.name)) and parent(int(p.name)) == server
    ]
    assert children == []


def test_asked_to_shut_down_it_does_so_itself(warm: None) -> None:
    with kernel() as (manager, one):
        fork = fork_of(manager)
        one.shutdown()
        wait_for(lambda: fork.poll() is not None)
        assert fork.returncode == 0


def test_a_kernel_ends_with_its_client(warm: None) -> None:
    with kernel() as (manager, _):
        fork = fork_of(manager)
        fork._connection.close()  # as when the process that asked for it is killed
        wait_for(lambda: state(fork.pid) == "")
        fork.returncode = -9


def test_death_and_timeout_are_told_to_papermill(warm: None, desk: Path, tmp_path: Path) -> None:
    def execute(*cells: str, **more: Any) -> None:
        path = tiny.write(desk, "china_sales", *cells)
        with executing.kernel_environment(tmp_path):
            papermill.execute_notebook(
                path, path, kernel_name="python3", language="python", progress_bar=False, **more
            )

    with pytest.raises(DeadKernelError):
        execute("import os\nos._exit(1)")
    with pytest.raises(CellTimeoutError):
        execute(FORKED, "import time\ntime.sleep(50)", execution_timeout=2)
    assert '"True\\n"' in (desk / "china_sales.ipynb").read_text(), "the kernel was not forked"


OWNER = """
import sys, time
sys.path.insert(0, {tests!r})
from nissan_analysis import kernels
from test_kernels import kernel, fork_of, parent
with kernels.warm(), kernel() as (manager, one):
    one.execute("import time; time.sleep(300)")
    pid = fork_of(manager).pid
    print(pid, parent(pid), kernels.address(), flush=True)
    time.sleep(300)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_all_ends_when_the_owner_ends(how: int) -> None:
    code = OWNER.format(tests=str(Path(__file__).parent))
    environment = {k: v for k, v in os.environ.items() if k != kernels.ADDRESS}
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        text=True,
    ) as owner:
        assert owner.stdout
        pid, server, address = owner.stdout.readline().split()
        owner.send_signal(how)
    wait_for(lambda: state(int(pid)) == state(int(server)) == "")
    assert not Path(address).parent.exists()


def test_without_its_server_a_batch_goes_on(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(kernels.ADDRESS, raising=False)
    monkeypatch.setattr(kernels, "_said", set())
    with kernels.warm():
        with kernel() as (manager, one):
            fork = fork_of(manager)
            os.kill(parent(fork.pid), signal.SIGKILL)
            wait_for(lambda: state(fork.pid) == "")
            assert not manager.is_alive()
        for _ in range(2):
            with kernel() as (_, one):
                assert said(one, FORKED) == "False\n"
    told = [record.message for record in caplog.records if record.name == kernels.__name__]
    assert len(told) == 2, told
    assert "could not be forked" in told[0]
    assert "ended early" in told[1]


def test_all_who_find_it_gone_get_the_same_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(kernels.ADDRESS, raising=False)
    gone = kernels.address()
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(kernels.address, [gone] * 4))
    assert len(found) == 1
    assert gone not in found


def test_another_environment_starts_from_scratch(
    warm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Python and matplotlib read at their start cannot be changed in a fork."""
    monkeypatch.setattr(kernels, "_said", set())
    with kernel(env={**os.environ, "PYTHONHASHSEED": "7"}) as (_, one):
        assert said(one, FORKED) == "False\n"
    (tmp_path / "matplotlibrc").write_text("font.size: 30\n")
    with kernel(cwd=str(tmp_path)) as (_, one):
        assert said(one, FORKED) == "False\n"
    assert ["PYTHONHASHSEED" in why for why in kernels._said].count(True) == 1


@pytest.mark.parametrize(
    ("platform", "switch", "possible", "words"),
    [
        ("linux", "", True, ""),
        ("linux", "0", False, ""),
        ("darwin", "", False, "NISSAN_ANALYSIS_WARM is set to 1"),
        ("darwin", "1", True, ""),
        ("win32", "1", False, "cannot fork"),
    ],
)
def test_where_there_is_no_fork(
    platform: str,
    switch: str,
    possible: bool,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(kernels, "_said", set())
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv(kernels.SWITCH, switch)
    if platform == "win32":
        monkeypatch.delattr(os, "fork")
    assert [kernels.possible(), kernels.possible()] == [possible, possible]
    assert [record.message.count(words) for record in caplog.records] == [1] * bool(words)


def test_edited_code_is_not_run_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the desk a kernel is restarted to see a change; the kernels that run stay."""
    monkeypatch.delenv(kernels.ADDRESS, raising=False)
    before = kernels._choose(kernels.PROVISIONER)
    path = Path(kernels.__file__).with_name("wording.py")
    stat = path.stat()
    try:
        with kernel() as (first, one):
            old = parent(fork_of(first).pid)
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
            with kernel() as (second, two):
                new = parent(fork_of(second).pid)
                assert new != old
                assert said(one, FORKED) == said(two, FORKED) == "True\n"
        wait_for(lambda: state(old) == "" or state(old) == "Z")
    finally:
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        kernels._choose(before)


def test_one_that_is_not_needed_is_not_waited_for() -> None:
    """An error in the data was once told only when everything had been imported."""
    server = kernels.Forkserver()
    begun = Path(server.folder)
    server.stop()
    assert server.process.returncode == -signal.SIGKILL
    assert not begun.exists()


def test_nbconvert_and_nbval_find_it_by_name(warm: None, tmp_path: Path) -> None:
    cell = nbformat.v4.new_code_cell(FORKED, execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", text="True\n")]
    path = tmp_path / "small.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    line = [
        sys.executable,
        "-m",
        "nbconvert",
        "--to",
        "notebook",
        "--execute",
        "--output",
        "ran",
        str(path),
    ]
    subprocess.run(line, check=True, capture_output=True, timeout=120)
    ran = nbformat.read(tmp_path / "ran.ipynb", as_version=4)
    assert ran.cells[0].outputs[0].text == "True\n"
    line = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--nbval",
        "--nbval-current-env",
        "-c",
        "/dev/null",
        str(path),
    ]
    ran = subprocess.run(
        line, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stdout
    assert "1 passed" in ran.stdout
