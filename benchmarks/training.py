"""Training throughput of our loop, the usual tutorial loop and the bare matrix products, in turn.

    python -m benchmarks.training [--seconds 45] [--precision float32|bfloat16] [--device cpu|cuda]

One JSON object: images/s of the three, `ratio_to_usual` (ours / usual), `share_of_limit`
(ours / matrix products in the same precision), and the machine. The network, the batch and the
optimiser are those of the usual tutorial: 784-400-20-400-784, 128 images, Adam with step size 1e-3.
Each of the three has several turns of the same length, each in a process of its own; the figure is
the median of its turns.
"""

import argparse
import dataclasses
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from benchmarks import machine
from model.data.cache import default_data_dir
from model.data.datasets import Splits, load_splits
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig, resolve_device, resolve_precision
from model.train.training import train

BATCH = 128
HIDDEN = 400
LATENT = 20
ROUNDS = 3

VAE_CONFIG = VAEConfig(
    latent_dim=LATENT, architecture="mlp", layers=str(HIDDEN), activation="relu", fourier_features=0
)
TRAIN_CONFIG = TrainConfig(
    epochs=100_000,
    batch_size=BATCH,
    learning_rate=1e-3,
    schedule="constant",
    adam_beta2=0.999,
    weight_decay=0.0,
    mean_bias=False,
    ema_decay=0.0,
)


def ours(data: Splits, config: TrainConfig) -> Iterator[int]:
    """Our training; yields the number of images of each step."""
    before = 0
    for report in train(VAE_CONFIG, config, data):
        yield report.place.images - (before if report.place.batch > 1 else 0)
        before = report.place.images


class UsualVAE(nn.Module):
    """The network of the tutorials: one hidden layer of ReLU units on either side."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(784, HIDDEN)
        self.mean = nn.Linear(HIDDEN, LATENT)
        self.log_variance = nn.Linear(HIDDEN, LATENT)
        self.decoder = nn.Linear(LATENT, HIDDEN)
        self.pixels = nn.Linear(HIDDEN, 784)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Images (B, 1, 28, 28) -> pixels (B, 784), mean and log-variance (B, D)."""
        h = F.relu(self.encoder(x.view(-1, 784)))
        mean, log_variance = self.mean(h), self.log_variance(h)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
        return torch.sigmoid(self.pixels(F.relu(self.decoder(z)))), mean, log_variance


def usual(device: torch.device) -> Iterator[int]:
    """The loop that tutorials show: DataLoader, ToTensor, and .item() at each step."""
    from torch.utils.data import DataLoader
    from torchvision import datasets, transforms

    images = datasets.MNIST(default_data_dir(), train=True, transform=transforms.ToTensor())
    vae = UsualVAE().to(device)
    optimizer = torch.optim.Adam(vae.parameters(), lr=1e-3)
    total = 0.0
    while True:
        for batch, _ in DataLoader(images, batch_size=BATCH, shuffle=True):
            x = batch.to(device)
            optimizer.zero_grad()
            pixels, mean, log_variance = vae(x)
            cross_entropy = F.binary_cross_entropy(pixels, x.view(-1, 784), reduction="sum")
            kl = -0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp())
            negative_elbo = cross_entropy + kl
            negative_elbo.backward()
            total += negative_elbo.item()
            optimizer.step()
            yield len(x)


def matrix_products(device: torch.device, dtype: torch.dtype) -> Iterator[int]:
    """The matrix products of a step, forward and backward, and nothing else."""
    layers = [(784, HIDDEN), (HIDDEN, 2 * LATENT), (LATENT, HIDDEN), (HIDDEN, 784)]

    def random(*shape: int) -> Tensor:
        return torch.randn(shape, device=device).to(dtype)

    operands = [
        (random(BATCH, inputs), random(outputs, inputs), random(BATCH, outputs))
        for inputs, outputs in layers
    ]
    while True:
        for index, (x, weight, gradient) in enumerate(operands):
            x @ weight.T
            gradient.T @ x
            if index:  # the images need no gradient
                gradient @ weight
        yield BATCH


def images_per_second(
    steps: Iterator[int], seconds: float, synchronise: Callable[[], None]
) -> float:
    """The images a second of the next steps."""
    synchronise()
    start = time.perf_counter()
    images = 0
    while (elapsed := time.perf_counter() - start) < seconds:
        images += next(steps)
        if images % (100 * BATCH) < BATCH:  # bounds the queue of a GPU
            synchronise()
    synchronise()
    return images / max(elapsed, time.perf_counter() - start)


def turn(name: str, seconds: float, device: torch.device, precision: str) -> float:
    """Images/s of one of the three loops, in this process, after its start-up."""
    loops: dict[str, Callable[[], Iterator[int]]] = {
        "ours": lambda: ours(
            load_splits(),
            dataclasses.replace(TRAIN_CONFIG, device=device.type, precision=precision),
        ),
        "usual": lambda: usual(device),
        "matmul": lambda: matrix_products(device, getattr(torch, precision)),
    }
    steps = loops[name]()
    synchronise = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    images_per_second(steps, 1.0, synchronise)
    return images_per_second(steps, seconds, synchronise)


def measure(seconds: float, device: torch.device, precision: str) -> dict[str, object]:
    """The figures: all three loops in turn, several rounds, each turn in a fresh process."""
    rounds: dict[str, list[float]] = {"ours": [], "usual": [], "matmul": []}
    for _ in range(ROUNDS):
        for name, speeds in rounds.items():
            # As train_cli.py does; the usual script leaves the variable alone.
            passive = {"OMP_WAIT_POLICY": "PASSIVE"} if name == "ours" else {}
            command = [sys.executable, "-m", "benchmarks.training", "--turn", name]
            command += ["--seconds", str(seconds / ROUNDS / len(rounds))]
            command += ["--device", device.type, "--precision", precision]
            output = subprocess.check_output(command, env=os.environ | passive, text=True)
            speeds.append(float(output))
    speed = {name: statistics.median(values) for name, values in rounds.items()}
    return {
        "ours_images_per_s": round(speed["ours"]),
        "usual_images_per_s": round(speed["usual"]),
        "matmul_images_per_s": round(speed["matmul"]),
        "ratio_to_usual": round(speed["ours"] / speed["usual"], 2),
        "share_of_limit": round(speed["ours"] / speed["matmul"], 3),
        "precision": precision,
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "threads": torch.get_num_threads(),
        "machine": machine.describe(),
    }


def main() -> None:
    """Print the figures as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=45.0, help="for all three together")
    parser.add_argument("--precision", default="float32", choices=("float32", "bfloat16", "auto"))
    parser.add_argument("--device", default="auto")
    parser.add_argument("--turn", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    device = resolve_device(arguments.device)
    precision = resolve_precision(arguments.precision, device)
    if arguments.turn:
        print(turn(arguments.turn, arguments.seconds, device, precision))
    else:
        print(json.dumps(measure(arguments.seconds, device, precision)))


if __name__ == "__main__":
    main()
