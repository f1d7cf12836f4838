"""Many reports on many machines, through Dask: the same tasks, the same bytes.

Dask starts the workers, moves tasks off a worker that dies, and brings the answers back. Ours is
only to hold every worker against this machine: other code or other data make other reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import CancelledError
from typing import Any

from .apart import produce
from .fingerprint import differences, identity
from .making import Failure, Made, Task
from .pools import Outcomes, as_they_end

#: Seconds that a scheduler, and then its first worker, may take to answer.
PATIENCE = 30


class ClusterError(RuntimeError):
    """The cluster cannot be used; nothing was run."""

    exit_code = 1


def machines(tasks: list[Task], address: str) -> Outcomes:
    """The outcome of each task as it ends, made by the workers of the scheduler at `address`.

    Raises
    ------
    ClusterError
        When Dask is not installed, no scheduler or worker answers, or a worker has other code,
        data, notebooks or packages than this machine.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        raise ClusterError(
            "--scheduler needs Dask: pip install '.[cluster]' in the folder of the project, here and on the workers."
        ) from None
    try:
        client: Any = Client(address, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(
            f"No Dask scheduler answers at {address} ({type(error).__name__}). Start one with "
            "'dask scheduler', and give the address that it prints, such as tcp://host:8786."
        ) from None
    here = identity()
    with client:
        _check(client, here)
        with client.get_executor(pure=False) as executor:
            futures = {executor.submit(_there, one, here): one for one in tasks}
            try:
                for one, future in as_they_end(futures):
                    try:
                        yield future.result()
                    except KilledWorker:
                        why = "Every worker that took it died; most often memory ran out."
                        yield Failure(one.stem, why)
                    except CancelledError:
                        yield Failure(one.stem, f"The scheduler at {address} went away.")
                    except Exception as error:  # of Dask itself: a report's own is in its answer
                        yield Failure(one.stem, f"{type(error).__name__}: {error}")
            except BaseException:
                for future in futures:
                    future.cancel()
                raise


def _check(client: Any, here: Mapping[str, str]) -> None:
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
        found: dict[str, dict[str, str]] = client.run(identity)
    except TimeoutError:
        raise ClusterError(
            "The scheduler has no worker. Start some with 'dask worker <address>'."
        ) from None
    except Exception as error:
        raise ClusterError(
            f"The workers cannot run nissan-analysis ({type(error).__name__}: {error}). "
            "Install the same version there, with the extra 'cluster'."
        ) from None
    faults = [f"  {w}: {'; '.join(d)}" for w, v in found.items() if (d := differences(here, v))]
    if faults:
        raise ClusterError(
            "Reports would differ, so nothing was run: not all workers have the code, data and packages "
            "of this machine.\n"
            + "\n".join(faults)
            + "\nBring them to the same commit and lock, and "
            "start them again."
        )


def _there(task: Task, here: Mapping[str, str]) -> Made | Failure:
    """`task` on a worker, which may have joined after the check."""
    differ = differences(here, identity())
    if differ:
        return Failure(task.stem, f"A worker differs from the caller: {'; '.join(differ)}.")
    return produce(task)
