"""The provisioner of warm kernels, which papermill, nbval, nbconvert and JupyterLab find by name:
``JUPYTER_DEFAULT_PROVISIONER_NAME=nissan-warm``."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from . import kernels
from .forking import is_ipykernel

_STREAMS = ("stdout", "stderr")


class WarmProvisioner(LocalProvisioner):
    """Forks a kernel from a process that has imported what the notebooks import.

    Whatever cannot be forked (another language, another Python, an environment in which Python
    itself would have started differently) starts from scratch, as without this provisioner.
    """

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        wanted = self._scrub_kwargs(kwargs)
        fork = await asyncio.to_thread(_forked, cmd, wanted)
        if fork is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process, self.pid = cast(Any, fork), fork.pid
        self.cwd = wanted.get("cwd") or Path.cwd()
        return self.connection_info

    async def wait(self) -> int | None:
        while isinstance(self.process, kernels.Fork) and self.process.poll() is None:
            await asyncio.sleep(0.01)  # the base class looks ten times a second
        return await super().wait()


def _forked(cmd: Sequence[str], wanted: Mapping[str, Any]) -> kernels.Fork | None:
    """The kernel as a fork, or None where it has to start from scratch."""
    streams = [_descriptor(wanted.get("stdout"), 1), _descriptor(wanted.get("stderr"), 2)]
    if not is_ipykernel(cmd) or min(streams) < 0 or wanted.keys() - {"env", "cwd", *_STREAMS}:
        return None
    env, cwd = wanted.get("env") or os.environ, wanted.get("cwd") or Path.cwd()
    return kernels.fork({"cmd": list(cmd)}, env, str(cwd), streams)


def _descriptor(stream: Any, inherited: int) -> int:
    """What `subprocess.Popen` would make of a stream, as a descriptor; negative for a pipe to be made."""
    if stream is None:
        return inherited
    return stream if isinstance(stream, int) else int(stream.fileno())
