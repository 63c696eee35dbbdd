"""The gradient of a batch, computed by several threads, each from its part of the images.

Splitting the batch once costs less than splitting every operation: torch's own threads meet at the
end of each product and each sum, some fifty times a step. Each thread here has a copy of the
network's modules that shares its weights and buffers but not its gradients.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from typing import TypeVar

import torch
from torch import Tensor, nn

from model.latent.threads import threads

_Result = TypeVar("_Result")


class Shards:
    """Threads with a copy of a module each; the first is the caller's, with the module itself."""

    def __init__(self, module: nn.Module, count: int | None) -> None:
        """Copy the module; its tensors must stay the same from now on.

        With None for a count there is one shard, and it has all of torch's own threads.
        """
        copies = range((count or 1) - 1)
        self.modules = [module, *(_sharing_weights(module) for _ in copies)]
        self._pool = ThreadPoolExecutor(len(copies)) if copies else None
        self._one_each = count is not None

    @contextmanager
    def own_threads(self) -> Iterator[None]:
        """Let torch use one thread in each shard, and in the caller, until the block ends.

        Around many batches: to change the number at each would cost more than is won.
        """
        with threads(1) if self._one_each else nullcontext():
            yield

    def map(self, function: Callable[[int, Tensor], _Result], batch: Tensor) -> list[_Result]:
        """Call function(shard, part) with every part of a batch (B, ...), at the same time.

        It is to leave gradients in `modules[shard]`; those of all shards are summed in the first.
        """
        if self._pool is None:
            return [function(0, batch)]
        parts = batch.chunk(len(self.modules))
        others = [
            self._pool.submit(function, shard, part) for shard, part in enumerate(parts[1:], 1)
        ]
        try:
            results = [function(0, parts[0])]
        finally:  # nobody computes on while the caller does something else
            wait(others)
        results += [other.result() for other in others]
        self._sum_gradients(self.modules[1 : len(parts)])
        return results

    def _sum_gradients(self, others: Sequence[nn.Module]) -> None:
        total = _gradients(self.modules[0])
        for module in others:
            torch._foreach_add_(total, _gradients(module))

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()


def _sharing_weights(module: nn.Module) -> nn.Module:
    twin = copy.deepcopy(module)
    for tensors in (nn.Module.parameters, nn.Module.buffers):
        for own, shared in zip(tensors(twin), tensors(module), strict=True):
            own.data = shared.data
    return twin


def _gradients(module: nn.Module) -> list[Tensor]:
    gradients = [parameter.grad for parameter in module.parameters()]
    assert all(gradient is not None for gradient in gradients)
    return [gradient for gradient in gradients if gradient is not None]
