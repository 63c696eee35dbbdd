"""Several processes that train one model: what torchrun starts, each with a share of every batch.

Without torchrun there is one process, and everything here does nothing.
"""

import os
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel


@dataclass(frozen=True)
class Processes:
    """All processes of this training, and which of them this one is.

    Attributes:
        count: how many there are.
        rank: which one this is, from 0; 0 is the writer.
        local_rank: which one it is on its own machine: the number of its GPU.
    """

    count: int = 1
    rank: int = 0
    local_rank: int = 0

    @property
    def is_writer(self) -> bool:
        """Whether this process writes the run directory and speaks to the terminal."""
        return self.rank == 0

    def join(self, device: torch.device) -> torch.device:
        """Meet the other processes; returns the device of this one."""
        if self.count == 1:
            return device
        if device.type == "cuda":
            device = torch.device("cuda", self.local_rank)
            torch.cuda.set_device(device)
        backend = "nccl" if device.type == "cuda" else "gloo"
        distributed.init_process_group(backend, timeout=timedelta(minutes=30))
        return device

    def leave(self) -> None:
        """Part from the other processes."""
        if self.count > 1 and distributed.is_initialized():
            distributed.destroy_process_group()

    def share(self, batch: Tensor) -> Tensor:
        """This process's part of a batch (B, ...); the parts differ by one image at most."""
        return batch[self.rank :: self.count]

    def average_gradients(self, module: nn.Module) -> nn.Module:
        """The module, which from now on averages its gradients over all processes."""
        if self.count == 1:
            return module
        # Buffers are computed alike in all of them.
        return DistributedDataParallel(module, broadcast_buffers=False)

    def sum(self, values: Tensor) -> Tensor:
        """The sum over all processes of a tensor on this process's device."""
        if self.count == 1:
            return values
        total = values.clone()
        distributed.all_reduce(total)
        return total

    def any(self, flag: bool, device: torch.device) -> bool:
        """Whether a flag is set in at least one process."""
        return bool(self.sum(torch.full((), float(flag), device=device)).item())

    def from_writer(self, values: Tensor) -> Tensor:
        """The writer's tensor, in every process."""
        if self.count == 1:
            return values
        shared = values.clone()
        distributed.broadcast(shared, src=0)
        return shared


def processes() -> Processes:
    """What torchrun says in the environment; one process where it says nothing."""
    return Processes(
        count=int(os.environ.get("WORLD_SIZE", "1")),
        rank=int(os.environ.get("RANK", "0")),
        local_rank=int(os.environ.get("LOCAL_RANK", "0")),
    )
