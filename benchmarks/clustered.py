"""A sweep through Dask on this machine: ``clustered.py PLAN OUT``; prints the seconds.

The scheduler and a worker with a thread a core run before the clock starts, as they do where there is a cluster.
"""

from __future__ import annotations

import os
import sys
import time

from distributed import LocalCluster

from nissan_analysis import cli


def main(plan: str, out: str) -> None:
    cores = len(os.sched_getaffinity(0))
    with LocalCluster(
        n_workers=1, threads_per_worker=cores, processes=True, dashboard_address=None
    ) as cluster:
        line = ["sweep", plan, "--out", out, "--fresh", "--scheduler", cluster.scheduler_address]
        begun = time.perf_counter()
        code = cli.run(line)
        print(time.perf_counter() - begun)
    sys.exit(code)


if __name__ == "__main__":
    main(*sys.argv[1:])
