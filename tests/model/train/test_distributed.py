"""Two processes that meet over gloo, compared with one process that is given what both drew."""

import dataclasses
import os
import socket
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.multiprocessing
from plain_training import PLAIN
from torch import Tensor, nn

from model.data.datasets import Images, Splits
from model.likelihood.elbo import ELBO
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig
from model.train import training
from model.train.distributed import Processes, processes
from model.train.label_objective import ObjectiveWithLabels
from model.train.objectives import ObjectiveOfVAE
from model.train.optimisation import build_optimizer
from model.train.train_config import TrainConfig
from model.train.training import SavedState, train

TINY = VAEConfig(latent_dim=2, hidden=8, blocks=1, fourier_features=0)
OBJECTIVES = ("elbo", "iwae", "dreg")
GOING_ON = "going on"  # with a run that one process began
ATLAS = "atlas"
LABELS = "labels"
NAMES = (*OBJECTIVES, GOING_ON, ATLAS, LABELS)
WITH_LABELS = dataclasses.replace(TINY, family="m2")

# 15 images in batches of 7: shares of 4 and 3, and a last batch of one image, of which the second
# process has none.
IMAGES, BATCH = 15, 7


def config_for(objective: str) -> TrainConfig:
    settings = {
        "epochs": 2,
        "batch_size": BATCH,
        "objective": objective,
        "samples": 3,
        "optimizer": "adagrad",
        "epsilon": 1.0,  # a step then depends on the gradient's length
        "learning_rate": 0.3,
        "ema_decay": 0.5,
        "device": "cpu",
        "precision": "float32",
    }
    return TrainConfig(**PLAIN | settings)


def config_with_labels() -> TrainConfig:
    """10 of 15 images have a class: two batches, of 4 and of 1 others, with 3 of the 10 each."""
    return dataclasses.replace(config_for("elbo"), labels=10, labelled_batch=3, batch_size=4)


def digits() -> Splits:
    generator = torch.Generator().manual_seed(0)

    def images(count: int) -> Images:
        pixels = torch.randint(0, 256, (count, 1, 28, 28), generator=generator, dtype=torch.uint8)
        return Images(pixels, torch.arange(count) % 10)

    return Splits("mnist", images(IMAGES), images(6), images(6), {})


def one_process(rank: int, ports: list[int], folder: str) -> None:
    """Train with each objective and note what each step was given and led to."""
    torch.set_num_threads(1)
    saved = saved_by_one("elbo")
    for name, port in zip(NAMES, ports, strict=True):
        os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        os.environ |= {"WORLD_SIZE": "2", "RANK": str(rank), "LOCAL_RANK": str(rank)}
        here = processes()
        assert here == Processes(2, rank, rank)
        if name == GOING_ON:
            notes = noted(here, config_for("elbo"), saved=saved)
        elif name == ATLAS:
            config = dataclasses.replace(config_for("elbo"), atlas_after=1)
            notes = noted(here, config, dataclasses.replace(TINY, atlas=3))
        elif name == LABELS:
            notes = noted(here, config_with_labels(), WITH_LABELS)
        else:
            notes = noted(here, config_for(name))
        torch.save(notes, Path(folder) / f"{name}-{rank}.pt")


def saved_by_one(objective: str) -> SavedState:
    """What one process has done after two of the three steps of its first epoch."""
    reports = train(TINY, config_for(objective), digits())
    next(reports)
    report = next(reports)
    return SavedState(
        {name: tensor.clone() for name, tensor in report.state.tensors().items()}, report.place
    )


def noted(
    here: Processes,
    config: TrainConfig,
    vae_config: VAEConfig = TINY,
    saved: SavedState | None = None,
) -> dict[str, list[Any]]:
    notes: dict[str, list[Any]] = {
        "given": [],
        "weights": [],
        "buffers": [],
        "reports": [],
        "validated": [],
    }
    objective: Any = ObjectiveOfVAE if vae_config.family == "vae" else ObjectiveWithLabels
    forward, estimate = objective.forward, training.estimate_elbo

    def noting_forward(self: nn.Module, x: Tensor, noise: Tensor, *others: Tensor) -> object:
        notes["given"].append((x, noise) if len(others) == 1 else (x, noise, *others))
        return forward(self, x, noise, *others)

    def noting_estimate(*arguments: Any) -> ELBO:
        found = estimate(*arguments)
        notes["validated"].append((found.reconstruction, found.kl))
        return found

    objective.forward = noting_forward
    training.estimate_elbo = noting_estimate
    try:
        for report in train(vae_config, config, digits(), saved=saved, processes=here):
            state = report.state
            assert state.ema is not None
            notes["weights"].append(
                [weight.detach().clone() for weight in state.network.parameters()]
            )
            notes["buffers"].append([buffer.clone() for buffer in state.network.buffers()])
            elbo = report.validation
            notes["reports"].append(
                {
                    "place": dataclasses.asdict(report.place) | {"seconds": 0.0},
                    "sums": report.sums,
                    "validation": elbo and (elbo.reconstruction, elbo.kl),
                    "ema": [weight.clone() for weight in state.ema.parameters()],
                }
            )
    finally:
        objective.forward = forward
        training.estimate_elbo = estimate
    return notes


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, list[Any]]]]:
    """By objective: what each of the two processes noted."""
    folder = tmp_path_factory.mktemp("notes")
    arguments = (free_ports(len(NAMES)), str(folder))
    torch.multiprocessing.spawn(one_process, arguments, nprocs=2)
    return {name: [torch.load(folder / f"{name}-{rank}.pt") for rank in (0, 1)] for name in NAMES}


@pytest.mark.slow
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_gradient_is_exactly_that_of_the_whole_batch(
    objective: str, notes: dict[str, list[dict[str, list[Any]]]]
) -> None:
    first, second = notes[objective]
    vae = build(TINY, 0)
    config = config_for(objective)
    optimizer = build_optimizer(vae, config)
    shares = []
    for step, ((x, noise), (x2, noise2)) in enumerate(
        zip(first["given"], second["given"], strict=True)
    ):
        shares.append((len(x), len(x2)))
        whole = torch.cat([x, x2]), torch.cat([noise, noise2], dim=1)
        optimizer.zero_grad()
        (-ObjectiveOfVAE(vae, objective)(*whole, torch.tensor(1.0)).value.mean()).backward()
        optimizer.step()
        for weight, one, other in zip(
            vae.parameters(), first["weights"][step], second["weights"][step], strict=True
        ):
            assert torch.equal(one, other)
            torch.testing.assert_close(one, weight.detach(), rtol=1e-3, atol=5e-5)
    assert shares == [(4, 3), (4, 3), (1, 0)] * 2


@pytest.mark.slow
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_processes_share_the_images_and_agree_on_the_numbers(
    objective: str, notes: dict[str, list[dict[str, list[Any]]]]
) -> None:
    first, second = notes[objective]
    assert not torch.equal(first["given"][0][1][:, :3], second["given"][0][1])  # noise of its own
    for one, other in zip(first["reports"], second["reports"], strict=True):
        assert one["place"] == other["place"]
        assert one["validation"] == other["validation"]
        assert all(map(torch.equal, one["ema"], other["ema"]))
    for epoch in (0, 1):
        last = 3 * epoch + 2
        total = first["reports"][last]["sums"]
        assert torch.equal(total, second["reports"][last]["sums"])
        assert total[2] == IMAGES
        assert first["reports"][last]["place"]["images"] == IMAGES
    # Only the writer measures, and what it measured both report.
    assert len(first["validated"]) == 2
    assert second["validated"] == []
    reported = [report["validation"] for report in first["reports"] if report["validation"]]
    for found, expected in zip(reported, first["validated"], strict=True):
        assert found == pytest.approx(expected)


@pytest.mark.slow
def test_every_image_is_in_one_share_of_each_epoch(
    notes: dict[str, list[dict[str, list[Any]]]],
) -> None:
    """A pixel of 0 is never drawn as 1, and one of 255 always."""
    pixels = digits().train.images.flatten(1)
    for epoch in (0, 1):
        drawn = [x for rank in (0, 1) for x, _ in notes["elbo"][rank]["given"][3 * epoch :][:3]]
        possible = [
            [
                bool((x[pixels[i] == 0] == 0).all() and (x[pixels[i] == 255] == 1).all())
                for i in range(IMAGES)
            ]
            for x in torch.cat(drawn)
        ]
        likely = [
            int((torch.where(x > 0, pixels / 255, 1 - pixels / 255)).log().sum(1).argmax())
            for x in torch.cat(drawn)
        ]
        assert sorted(likely) == list(range(IMAGES))
        assert all(row[i] for row, i in zip(possible, likely, strict=True))


@pytest.mark.slow
def test_what_one_process_had_counted_counts_once_when_two_go_on(
    notes: dict[str, list[dict[str, list[Any]]]],
) -> None:
    first, second = notes[GOING_ON]
    (x, _), (x2, _) = first["given"][0], second["given"][0]
    assert (len(x), len(x2)) == (1, 0)  # the last batch of the first epoch
    for one in (first, second):
        assert [int(report["sums"][2]) for report in one["reports"]][0::3] == [IMAGES, IMAGES]
    counted = saved_by_one("elbo").tensors["sums"]
    assert counted[2] == 2 * BATCH
    added = first["reports"][0]["sums"] - counted
    assert -1000 < added[0] < -500  # of one image


@pytest.mark.slow
def test_the_processes_look_up_in_the_same_atlas(
    notes: dict[str, list[dict[str, list[Any]]]],
) -> None:
    first, second = notes[ATLAS]
    for step, (one, other) in enumerate(zip(first["buffers"], second["buffers"], strict=True)):
        assert all(map(torch.equal, one, other))
        assert bool(one[0].any()) == (step >= 3)  # three steps an epoch
    for one, other in zip(first["weights"], second["weights"], strict=True):
        assert all(map(torch.equal, one, other))


@pytest.mark.slow
def test_the_gradient_with_labels_is_that_of_the_whole_batch(
    notes: dict[str, list[dict[str, list[Any]]]],
) -> None:
    """Also of the last batch, where one process has no image without a known class."""
    first, second = notes[LABELS]
    network, config = build(WITH_LABELS, 0), config_with_labels()
    assert not isinstance(network, VAE)
    optimizer = build_optimizer(network, config)
    shares = []
    for step, (one, other) in enumerate(zip(first["given"], second["given"], strict=True)):
        known = torch.cat([one[3], other[3]])
        shares.append((int((~one[3]).sum()), int((~other[3]).sum())))
        counted = int((~known).sum())
        assert one[4] == other[4] == torch.tensor(counted / 3)
        whole = (
            torch.cat([a, b], dim=d) for a, b, d in zip(one, other, (0, 1, 0, 0), strict=False)
        )
        optimizer.zero_grad()
        value = ObjectiveWithLabels(network, config, IMAGES, 10)(*whole, one[4]).value
        (-value / counted).backward()
        optimizer.step()
        for weight, mine, others in zip(
            network.parameters(), first["weights"][step], second["weights"][step], strict=True
        ):
            assert torch.equal(mine, others)
            torch.testing.assert_close(mine, weight.detach(), rtol=1e-3, atol=5e-5)
    assert shares[0] == shares[2] == (2, 2)
    assert sorted(shares[1]) == sorted(shares[3]) == [0, 1]
    assert [report["sums"][2] for report in first["reports"]][1::2] == [5, 5]


# One process


def test_without_a_launcher_there_is_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WORLD_SIZE", "RANK", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    here = processes()
    assert here == Processes(1, 0, 0)
    assert here.is_writer
    device, values = torch.device("cpu"), torch.arange(5.0)
    assert here.join(device) is device
    here.leave()
    assert torch.equal(here.share(values), values)
    assert here.sum(values) is values
    assert here.from_writer(values) is values
    assert here.any(True, device)
    assert not here.any(False, device)
    module = torch.nn.Linear(1, 1)
    assert here.average_gradients(module) is module
    assert not torch.distributed.is_initialized()


@pytest.mark.parametrize("count", [1, 2, 3, 8])
@pytest.mark.parametrize("size", [0, 1, 2, 7, 24])
def test_shares_are_the_batch_and_differ_by_one_at_most(count: int, size: int) -> None:
    batch = torch.arange(size)
    shares = [Processes(count, rank, rank).share(batch) for rank in range(count)]
    assert sorted(torch.cat(shares).tolist()) == batch.tolist()
    lengths = [len(share) for share in shares]
    assert max(lengths) - min(lengths) <= 1
    assert Processes(count, count - 1, 0).is_writer == (count == 1)
