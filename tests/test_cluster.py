"""The same bytes from processes here and from the workers of a cluster, also when one is killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster

import small_data
import tiny
from nissan_analysis import cluster, pools, running, sweeping

pytestmark = pytest.mark.slow
DAYS = ("2024-01-31", "2024-02-29", "2024-03-31")


@pytest.fixture
def workers(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A scheduler and two real worker processes on this machine, at work on small notebooks."""
    before = dict(os.environ)
    monkeypatch.setenv("NISSAN_ANALYSIS_WARM", "0")  # these need no imports to be ready
    options = {"processes": True, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(n_workers=2, silence_logs=50, **options) as found:
        yield found
    os.environ.clear()  # Dask sets variables for its workers, and in this process too
    os.environ.update(before)


def order() -> sweeping.Order:
    return sweeping.swept(["china-sales"], [f"as_of={','.join(DAYS)}"], {})


def made(out: Path, pool: pools.Pool) -> dict[str, bytes]:
    tasks, index = order()
    batch = running.render_all(tasks, out, pool, index=index)
    assert batch.failures == []
    assert [result.report for result in batch.results] == [f"china_sales-{day}" for day in DAYS]
    return {path.name: path.read_bytes() for path in out.iterdir()}


def wait_for(happened: Any) -> None:
    end = time.monotonic() + 90
    while not happened():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_the_same_bytes_everywhere(
    desk: Path, tmp_path: Path, workers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a worker at work is killed; its report is made by the other or its successor."""
    begun, go = tmp_path / "begun", tmp_path / "go"
    begun.mkdir()
    cell = (
        f"import os, pathlib, tempfile, time\ntempfile.mkstemp(dir={str(begun)!r})\n"
        f"while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.05)\n"
        'speak("prose", f"Known on {as_of}: {sorted({hash(str(n)) for n in range(9)})}")'
    )
    tiny.write(desk, "china_sales", cell)
    found: dict[str, bytes] = {}

    def far() -> None:
        pool = partial(cluster.machines, address=workers.scheduler_address)
        found.update(made(tmp_path / "far", pool))

    thread = threading.Thread(target=far)
    thread.start()
    wait_for(lambda: len(list(begun.iterdir())) == 2)
    os.kill(workers.workers[0].process.pid, signal.SIGKILL)
    wait_for(lambda: len(list(begun.iterdir())) == 3)
    go.touch()
    thread.join(90)
    assert len(found) == 10, "three reports of three files, and the page that lists them"
    assert len(list(begun.iterdir())) == 4, "the report of the killed worker was not begun again"
    assert made(tmp_path / "near", partial(pools.processes, jobs=2)) == found

    # a worker with other data than the caller's
    others = small_data.write(tmp_path / "others", facts=[{"value": "7"}])
    (others / "datapackage.json").write_text("{}")
    monkeypatch.setenv("NISSAN_ANALYSIS_DATA", str(others))
    with pytest.raises(
        cluster.ClusterError, match=r"nothing was run(.|\n)*tcp://.*: data \w+ there"
    ):
        made(tmp_path / "none", partial(cluster.machines, address=workers.scheduler_address))
    assert not (tmp_path / "none").exists()


def test_no_scheduler_and_no_worker(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with pytest.raises(
        cluster.ClusterError, match="No Dask scheduler answers at tcp://127.0.0.1:9"
    ):
        next(cluster.machines([], "tcp://127.0.0.1:9"))
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=None) as empty,
        pytest.raises(cluster.ClusterError, match="The scheduler has no worker"),
    ):
        next(cluster.machines([], empty.scheduler_address))
