import threading
from collections.abc import Iterator

import pytest
import torch
from plain_training import PLAIN
from torch import Tensor

from model.data.datasets import Splits
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig
from model.train.objectives import ObjectiveOfVAE
from model.train.shards import Shards
from model.train.train_config import TrainConfig
from model.train.training import TrainingDiverged, train

TINY = VAEConfig(latent_dim=2, hidden=16, blocks=1, fourier_features=0)


@pytest.fixture
def x() -> Tensor:
    return torch.rand(10, 784, generator=torch.Generator().manual_seed(0)).round().double()


@pytest.fixture
def noise() -> Tensor:
    return torch.randn(3, 10, 2, generator=torch.Generator().manual_seed(1)).double()


def shards_of(vae: VAE, objective: str, count: int) -> Iterator[Shards]:
    shards = Shards(ObjectiveOfVAE(vae, objective), count)
    yield shards
    shards.close()


@pytest.mark.parametrize("objective", ["elbo", "iwae", "dreg"])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 16])
def test_the_gradient_is_that_of_the_whole_batch(
    objective: str, count: int, x: Tensor, noise: Tensor
) -> None:
    """Also where the parts are not alike, and where there are more threads than images."""
    vae = build(TINY, 0).double()
    module = ObjectiveOfVAE(vae, objective)
    module(x, noise, torch.tensor(1.0)).value.sum().backward()
    expected = {name: weight.grad.clone() for name, weight in vae.named_parameters()}
    vae.zero_grad()

    shards = Shards(module, count)
    seen = {}

    def gradients(shard: int, part: Tensor) -> Tensor:
        mine = shards.modules[shard]
        mine.zero_grad()
        value = mine(x[part], noise[:, part], torch.tensor(1.0)).value
        value.sum().backward()
        seen[shard] = part.tolist()
        return value.detach()

    for _ in range(2):  # nothing is left of the first time
        with shards.own_threads():
            values = shards.map(gradients, torch.arange(10))
        whole = module(x, noise, torch.tensor(1.0)).value
        torch.testing.assert_close(torch.cat(values), whole.detach())
        for name, weight in vae.named_parameters():
            torch.testing.assert_close(weight.grad, expected[name], rtol=1e-9, atol=1e-9)
    assert sorted(image for part in seen.values() for image in part) == list(range(10))
    assert len(seen) == min(count, len(torch.arange(10).chunk(count)))
    shards.close()


def test_all_shards_follow_the_weights_and_none_the_others_gradients(x: Tensor) -> None:
    vae = build(TINY, 0)
    for shards in shards_of(vae, "elbo", 3):
        with torch.no_grad():
            for weight in vae.parameters():
                weight.mul_(2.0)
        own = list(shards.modules[0].parameters())
        for module in shards.modules[1:]:
            for weight, other in zip(own, module.parameters(), strict=True):
                assert torch.equal(weight, other)
                assert weight.data_ptr() == other.data_ptr()
                assert weight is not other


def test_an_error_in_any_thread_comes_out_when_all_have_ended() -> None:
    for shards in shards_of(build(TINY, 0), "elbo", 3):
        for faulty in range(3):
            ended = []

            def fail(shard: int, part: Tensor) -> None:
                try:
                    if shard == faulty:  # noqa: B023
                        raise ZeroDivisionError
                finally:
                    ended.append(shard)  # noqa: B023

            with pytest.raises(ZeroDivisionError):
                shards.map(fail, torch.arange(6))
            assert sorted(ended) == [0, 1, 2]


def test_torchs_own_threads_are_as_they_were_afterwards() -> None:
    torch.set_num_threads(2)
    for shards in shards_of(build(TINY, 0), "elbo", 2):
        with shards.own_threads():
            assert torch.get_num_threads() == 1

            def count(shard: int, _: Tensor) -> int:
                for weight in shards.modules[shard].parameters():  # noqa: B023
                    weight.grad = torch.zeros_like(weight)
                return torch.get_num_threads()

            assert shards.map(count, torch.arange(2)) == [1, 1]
        assert torch.get_num_threads() == 2


# Within a training


def config_for(**values: object) -> TrainConfig:
    usual = {"epochs": 2, "batch_size": 300, "device": "cpu", "precision": "float32"}
    return TrainConfig(**PLAIN | usual | values)


def last_weights(config: TrainConfig, data: Splits) -> list[Tensor]:
    *_, report = train(TINY, config, data)
    return [weight.detach() for weight in report.state.network.parameters()]


def test_threads_train_the_same_twice_and_leave_none_behind(small: Splits) -> None:
    before = set(threading.enumerate())
    one, again = (last_weights(config_for(threads=3), small) for _ in range(2))
    assert all(map(torch.equal, one, again))
    other = last_weights(config_for(threads=2), small)
    assert not all(map(torch.equal, one, other))
    assert set(threading.enumerate()) == before


def test_a_training_that_is_stopped_or_fails_leaves_no_thread_behind(small: Splits) -> None:
    before, torchs = set(threading.enumerate()), torch.get_num_threads()
    reports = train(TINY, config_for(threads=2), small)
    next(reports)
    assert set(threading.enumerate()) != before
    reports.close()  # type: ignore[attr-defined]
    assert set(threading.enumerate()) == before
    with pytest.raises(TrainingDiverged):
        list(train(TINY, config_for(threads=2, epochs=50, learning_rate=10.0), small))
    assert set(threading.enumerate()) == before
    assert torch.get_num_threads() == torchs


@pytest.mark.slow
def test_several_threads_learn_as_much(small: Splits) -> None:
    elbos = []
    for threads in (1, 2, 3):
        config = config_for(threads=threads, epochs=2, batch_size=100, learning_rate=3e-3)
        *_, report = train(TINY, config, small)
        assert report.sums[2] == len(small.train)
        assert report.validation is not None
        elbos.append(report.validation.elbo)
    assert max(elbos) - min(elbos) < 5.0
    assert len(set(elbos)) == 3
