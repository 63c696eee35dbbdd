"""Distributed training: several processes, started by torchrun, that share every batch.

Without torchrun there is one process, and every operation here is the identity.
"""

import os
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel


@dataclass(frozen=True)
class Processes:
    """The processes of a training, as seen from this one.

    Attributes:
        count: how many there are.
        rank: the number of this one, from 0; 0 is the writer.
        local_rank: its number on its own machine, and that of its GPU.
    """

    count: int = 1
    rank: int = 0
    local_rank: int = 0

    @property
    def is_writer(self) -> bool:
        """Whether this process writes the run directory and speaks to the terminal."""
        return self.rank == 0

    def join(self, device: torch.device) -> torch.device:
        """Join the other processes; returns the device of this one."""
        if self.count == 1:
            return device
        if device.type == "cuda":
            device = torch.device("cuda", self.local_rank)
            torch.cuda.set_device(device)
        backend = "nccl" if device.type == "cuda" else "gloo"
        distributed.init_process_group(backend, timeout=timedelta(minutes=30))
        return device

    def leave(self) -> None:
        """Leave the other processes."""
        if self.count > 1 and distributed.is_initialized():
            distributed.destroy_process_group()

    def share(self, batch: Tensor) -> Tensor:
        """This process's share of a batch (B, ...); shares differ by one image at most."""
        return batch.tensor_split(self.count)[self.rank]

    def average_gradients(self, module: nn.Module) -> nn.Module:
        """The module, made to average its gradients over all processes."""
        if self.count == 1:
            return module
        # All processes compute the same buffers.
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
    """The processes that torchrun describes in the environment; one without torchrun."""
    return Processes(
        count=int(os.environ.get("WORLD_SIZE", "1")),
        rank=int(os.environ.get("RANK", "0")),
        local_rank=int(os.environ.get("LOCAL_RANK", "0")),
    )
