import math

import pytest
import torch
from plain_training import PLAIN
from torch import Tensor

from model.data.datasets import Images
from model.network.vae import VAEConfig
from model.settings import SettingError
from model.train.supervision import Supervision, counted_images, steps_per_epoch
from model.train.train_config import TrainConfig

IMAGES = 230


def config_for(**values: object) -> TrainConfig:
    usual = {"labels": 30, "batch_size": 64, "labelled_batch": 20}
    return TrainConfig(**PLAIN | usual | values)


def known_of(config: TrainConfig) -> Supervision:
    images = Images(torch.zeros(IMAGES, 1, 28, 28, dtype=torch.uint8), torch.arange(IMAGES) % 10)
    return Supervision.of(images, config, torch.device("cpu"))


def batches_of(config: TrainConfig, seed: int = 0) -> list[Tensor]:
    return known_of(config).batches(config, torch.Generator().manual_seed(seed))


def test_what_is_known_is_drawn_by_the_seed_of_the_labels_alone() -> None:
    one, same = known_of(config_for(label_seed=3)), known_of(config_for(label_seed=3, seed=9))
    assert torch.equal(one.labelled, same.labelled)
    assert not torch.equal(one.labelled, known_of(config_for(label_seed=4)).labelled)
    assert torch.equal(one.known.nonzero().squeeze(1), one.labelled)
    assert torch.equal(torch.cat([one.labelled, one.counted]).sort()[0], torch.arange(IMAGES))


@pytest.mark.parametrize(
    ("batch_size", "labelled_batch"), [(64, 20), (200, 30), (7, 29), (64, 500)]
)
def test_an_epoch_visits_every_other_image_once_and_labelled_ones_in_every_step(
    batch_size: int, labelled_batch: int
) -> None:
    config = config_for(batch_size=batch_size, labelled_batch=labelled_batch)
    known = known_of(config)
    batches = batches_of(config)
    assert len(batches) == math.ceil(200 / batch_size)
    visited = torch.cat([batch[~known.known[batch]] for batch in batches])
    assert torch.equal(visited.sort()[0], known.counted)
    labelled = [batch[known.known[batch]] for batch in batches]
    each = min(labelled_batch, 30)
    assert {len(some) for some in labelled} == {each}
    # They come round in turn: no image comes twice before all have come as often.
    times = torch.cat(labelled).bincount(minlength=IMAGES)[known.labelled]
    assert times.max() - times.min() <= 1
    assert times.sum() == each * len(batches)


def test_labelled_images_are_spread_evenly_over_a_batch() -> None:
    config = config_for()
    known = known_of(config).known
    for batch in batches_of(config):
        total = int(known[batch].sum())
        for parts in (2, 3, 4):
            for share in batch.tensor_split(parts):
                assert abs(int(known[share].sum()) - total / parts) <= 1


def test_the_generator_decides_the_order() -> None:
    config = config_for()
    one, same, other = batches_of(config, 1), batches_of(config, 1), batches_of(config, 2)
    assert all(map(torch.equal, one, same))
    assert not torch.equal(one[0], other[0])


def test_where_all_classes_are_known_an_epoch_visits_every_image_once() -> None:
    config = config_for(labels=IMAGES)
    known = known_of(config)
    assert known.is_full
    assert known.known.all()
    batches = batches_of(config)
    assert [len(batch) for batch in batches] == [64, 64, 64, 38]
    assert torch.equal(torch.cat(batches).sort()[0], torch.arange(IMAGES))


@pytest.mark.parametrize("family", ["vae", "m2"])
@pytest.mark.parametrize("labels", [30, IMAGES])
def test_the_steps_of_an_epoch_are_known_beforehand(family: str, labels: int) -> None:
    vae_config, config = VAEConfig(family=family), config_for(labels=labels)
    counted = IMAGES if family == "vae" or labels == IMAGES else IMAGES - labels
    assert counted_images(IMAGES, vae_config, config) == counted
    steps = steps_per_epoch(IMAGES, vae_config, config)
    assert steps == math.ceil(counted / 64)
    assert family == "vae" or steps == len(batches_of(config))


def test_labels_that_cannot_be_had_are_refused() -> None:
    with pytest.raises(SettingError, match="labels"):
        known_of(config_for(labels=IMAGES + 10))
    with pytest.raises(SettingError, match=r"labels must be a multiple of 10.*, not 15$"):
        config_for(labels=15)
