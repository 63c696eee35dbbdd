"""Figure 2 of Kingma and Welling (2014) for MNIST: the lower bound against training samples seen.

    python -m benchmarks.figure2 [--dimensions 3 5 10 20 200] [--samples 10000000] [--out docs]

It trains the preset `paper` once for each number of latent dimensions, measures the ELBO on the
test images and on as many training images at evenly spaced points of the logarithmic axis, appends
a row for each to figure2.jsonl, and draws figure2.png from all rows. A dimension whose rows are
complete is not trained again, so that an interrupted figure can be continued. It prints the last
row of each dimension as JSON.

Protocol: dynamic binarisation (the paper does not say whether it binarised); test images binarised
once, seed 0; one draw of z an image.
"""

import argparse
import dataclasses
import json
import os
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as train_cli.py, before torch is imported

import torch

from model.data.binarise import binarise_once
from model.data.datasets import Splits, load_splits
from model.latent.threads import use_threads
from model.likelihood.elbo import estimate_elbo
from model.train.presets import PRESETS
from model.train.train_config import TrainConfig
from model.train.training import train

DIMENSIONS = (3, 5, 10, 20, 200)
POINTS_A_DECADE = 8
FIRST = 100_000


def milestones(samples: int) -> list[int]:
    """Numbers of training samples, evenly spaced on the logarithmic axis, up to `samples`."""
    numbers, index = [], 0
    while (number := round(FIRST * 10 ** (index / POINTS_A_DECADE))) < samples:
        numbers.append(number)
        index += 1
    return [*numbers, samples]


def curve(dimension: int, samples: int, learning_rate: float, data: Splits, out: Path) -> None:
    """Train one model and append its rows."""
    vae_config, config = PRESETS["paper"].configs()
    vae_config = dataclasses.replace(vae_config, latent_dim=dimension)
    epochs = -(-samples // len(data.train))
    config = dataclasses.replace(
        config, epochs=epochs, learning_rate=learning_rate, precision="float32"
    )
    test = binarise_once(data.test.images).flatten(1)
    seen_in_training = binarise_once(data.train.images[: len(test)]).flatten(1)
    waiting = milestones(samples)
    start = time.perf_counter()
    for report in train(vae_config, config, data):
        samples_seen = (report.place.epoch - 1) * len(data.train) + report.place.images
        if samples_seen < waiting[0]:
            continue
        waiting.pop(0)
        row = {
            "dimension": dimension,
            "samples": samples_seen,
            "test": estimate_elbo(report.state.model, test).elbo,
            "train": estimate_elbo(report.state.model, seen_in_training).elbo,
            "seconds": round(time.perf_counter() - start, 1),
            "settings": _settings(config),
        }
        with out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        if not waiting:
            return


def _settings(config: TrainConfig) -> dict[str, Any]:
    return {"preset": "paper", "learning_rate": config.learning_rate, "seed": config.seed}


def read_rows(path: Path) -> dict[int, list[dict[str, Any]]]:
    """The rows of each dimension in the order of samples; the last of repeated ones."""
    rows: dict[int, dict[int, dict[str, Any]]] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            rows.setdefault(row["dimension"], {})[row["samples"]] = row
    return {key: [found[seen] for seen in sorted(found)] for key, found in sorted(rows.items())}


def draw(rows: dict[int, list[dict[str, Any]]], path: Path) -> None:
    """The curves, with the axes of the paper."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.2 * len(rows), 3.4), layout="constrained")
    axes = figure.subplots(1, len(rows), sharey=True, squeeze=False)[0]
    for panel, (dimension, points) in zip(axes, rows.items(), strict=True):
        samples = [row["samples"] for row in points]
        panel.semilogx(samples, [row["train"] for row in points], "--", label="train")
        panel.semilogx(samples, [row["test"] for row in points], "-", label="test")
        panel.set_title(f"MNIST, $N_z$ = {dimension}")
        panel.set_ylim(-150, -95)
        panel.set_xlim(FIRST, 10_000_000)
        panel.grid(alpha=0.3)
        panel.set_xlabel("training samples seen")
    axes[0].set_ylabel("lower bound, nats per image")
    axes[-1].legend(loc="lower right", frameon=False)
    figure.savefig(path, dpi=110)


def main() -> None:
    """Train the missing dimensions, draw, and print the last row of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dimensions", type=int, nargs="+", default=DIMENSIONS)
    parser.add_argument("--samples", type=int, default=10_000_000)
    parser.add_argument("--learning-rate", type=float, default=0.02)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--out", type=Path, default=Path("docs"))
    arguments = parser.parse_args()
    use_threads(arguments.threads)
    path = arguments.out / "figure2.jsonl"
    data = load_splits()
    for dimension in arguments.dimensions:
        points = read_rows(path).get(dimension, [])
        if not points or points[-1]["samples"] < arguments.samples:
            curve(dimension, arguments.samples, arguments.learning_rate, data, path)
    rows = read_rows(path)
    draw(rows, arguments.out / "figure2.png")
    print(json.dumps({str(dimension): points[-1] for dimension, points in rows.items()}))


if __name__ == "__main__":
    main()
