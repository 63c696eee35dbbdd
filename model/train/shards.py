"""Shards: the gradient of a batch, computed by several threads on a share of the images each.

Splitting the batch once costs less than splitting every operation: torch's own threads wait for
each other at the end of each product and each sum, some fifty times a step. Each thread here has a
copy of the network's modules that shares their weights and buffers but not their gradients.
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
    """Threads with a copy of a module each; the first is the caller's and has the module itself."""

    def __init__(self, module: nn.Module, count: int | None) -> None:
        """Copy the module; its tensors must not be replaced afterwards.

        If `count` is None there is one shard, which uses all of torch's own threads.
        """
        copies = range((count or 1) - 1)
        self.modules = [module, *(_sharing_weights(module) for _ in copies)]
        self._pool = ThreadPoolExecutor(len(copies)) if copies else None
        self._one_each = count is not None

    @contextmanager
    def own_threads(self) -> Iterator[None]:
        """Let torch use one thread in each shard, and in the caller, until the block ends.

        Use it around many batches: changing the number at each would cost more than it gains.
        """
        with threads(1) if self._one_each else nullcontext():
            yield

    def map(self, function: Callable[[int, Tensor], _Result], batch: Tensor) -> list[_Result]:
        """Call function(shard, share) with every share of a batch (B, ...), at the same time.

        The function leaves gradients in `modules[shard]`; they are summed in the first module.
        """
        if self._pool is None:
            return [function(0, batch)]
        shares = batch.chunk(len(self.modules))
        others = [
            self._pool.submit(function, shard, share) for shard, share in enumerate(shares[1:], 1)
        ]
        try:
            results = [function(0, shares[0])]
        finally:  # also after an error no thread computes on
            wait(others)
        results += [other.result() for other in others]
        self._sum_gradients(self.modules[1 : len(shares)])
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
    trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
    gradients = [parameter.grad for parameter in trained]
    assert all(gradient is not None for gradient in gradients)
    return [gradient for gradient in gradients if gradient is not None]
