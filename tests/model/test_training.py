import dataclasses
import math
from collections.abc import Iterator

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from model import training
from model.data import Images, Splits, binarise_once
from model.likelihood import estimate_elbo
from model.settings import SettingError
from model.training import (
    TrainConfig,
    TrainingDiverged,
    TrainingReport,
    TrainingState,
    build,
    learning_rate_at,
    resolve_device,
    set_learning_rate,
    train,
)
from model.vae import VAE, VAEConfig

TINY = VAEConfig(latent_dim=2, hidden=16, blocks=1)


def config_for(**values: object) -> TrainConfig:
    return TrainConfig(**{"epochs": 1, "batch_size": 300, "device": "cpu"} | values)


def run(config: TrainConfig, data: Splits, vae_config: VAEConfig = TINY) -> TrainingReport:
    """Train to the end; the last report."""
    *_, last = train(vae_config, config, data)
    return last


def weights_of(vae: VAE) -> dict[str, Tensor]:
    return {name: weight.clone() for name, weight in vae.state_dict().items()}


def equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


# Reports


def test_there_is_a_report_for_every_step(small: Splits) -> None:
    seen = [
        (
            report.state.epoch,
            report.state.batch,
            report.state.step,
            report.batches,
            report.images,
            report.validation is not None,
        )
        for report in train(TINY, config_for(epochs=2), small)
    ]
    images = [300, 600, 900, 1200, 1500, 1800, 2000]
    assert seen == [
        (epoch, batch, 7 * (epoch - 1) + batch, 7, images[batch - 1], batch == 7)
        for epoch in (1, 2)
        for batch in range(1, 8)
    ]


def test_one_batch_may_hold_everything(small: Splits) -> None:
    reports = list(train(TINY, config_for(batch_size=50_000), small))
    assert [report.images for report in reports] == [2000]
    assert reports[0].validation is not None


def test_the_first_report_has_the_elbo_of_the_untrained_network(small: Splits) -> None:
    """Recomputed by hand from the seed: order, pixels, draws of z."""
    config = config_for(seed=3)
    report = next(train(TINY, config, small))
    generator = torch.Generator()
    training._seed(generator, 3, 1)
    batch = torch.randperm(2000, generator=generator)[:300]
    grey = small.train.images[batch].flatten(1)
    x = (torch.empty_like(grey).random_(0, 255, generator=generator) < grey).float()
    terms = build(TINY, 3)(x, generator)
    assert report.train.reconstruction == pytest.approx(terms.reconstruction.mean().item())
    assert report.train.kl == pytest.approx(terms.kl.mean().item())
    assert report.train.elbo == report.train.reconstruction - report.train.kl


def test_the_running_average_weighs_every_image_alike(small: Splits) -> None:
    before, weighted = torch.zeros(2, dtype=torch.float64), 0.0
    for report in train(TINY, config_for(batch_size=1500), small):
        batch_mean = ((report.sums - before) / (1500 if report.images == 1500 else 500)).tolist()
        weighted += batch_mean[0] * (1500 if report.images == 1500 else 500)
        before = report.sums
    assert report.train.reconstruction == pytest.approx(weighted / 2000)


def test_validation_is_the_elbo_of_the_validation_images_binarised_once(small: Splits) -> None:
    last = run(config_for(), small)
    x = binarise_once(small.validation.images).flatten(1)
    assert last.validation == estimate_elbo(last.state.vae, x)


def test_the_speed_is_that_of_the_steps(small: Splits) -> None:
    seconds = 0.0
    for report in train(TINY, config_for(), small):
        assert report.seconds > seconds
        assert report.images_per_second == report.images / report.seconds
        seconds = report.seconds


# Data


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Tensor, Tensor]]:
    """The grey pixels of every step and what was drawn of them."""
    seen = []
    real = training.binarise

    def binarise(grey: Tensor, generator: torch.Generator) -> Tensor:
        seen.append((grey, real(grey, generator)))
        return seen[-1][1]

    monkeypatch.setattr(training, "binarise", binarise)
    return seen


def test_every_image_is_visited_once_an_epoch_in_another_order(
    small: Splits, visited: list[tuple[Tensor, Tensor]]
) -> None:
    run(config_for(epochs=2), small)
    first = torch.cat([grey for grey, _ in visited[:7]])
    second = torch.cat([grey for grey, _ in visited[7:]])
    expected = small.train.images.flatten(1)

    def rows(images: Tensor) -> list[bytes]:
        return sorted(image.numpy().tobytes() for image in images)

    assert rows(first) == rows(second) == rows(expected)
    assert not torch.equal(first, second)
    assert not torch.equal(first, expected)


def test_pixels_are_drawn_afresh_at_each_visit(
    small: Splits, visited: list[tuple[Tensor, Tensor]]
) -> None:
    one = Images(small.train.images[:1], small.train.labels[:1])
    run(config_for(epochs=3), dataclasses.replace(small, train=one))
    drawn = [x for _, x in visited]
    assert len(drawn) == 3
    assert not torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[1], drawn[2])


# Randomness


def test_the_same_seed_gives_the_same_weights_and_numbers(small: Splits) -> None:
    def all_of(config: TrainConfig) -> tuple[dict[str, Tensor], list[object]]:
        numbers = []
        for report in train(TINY, config, small):
            numbers.append((report.train, report.validation))
        return weights_of(report.state.vae), numbers

    torch.manual_seed(1)
    weights, numbers = all_of(config_for(epochs=2, seed=5))
    torch.manual_seed(2)
    again = all_of(config_for(epochs=2, seed=5))
    assert equal(again[0], weights)
    assert again[1] == numbers
    other = all_of(config_for(epochs=2, seed=6))
    assert not equal(other[0], weights)
    assert other[1] != numbers


def test_neither_building_nor_training_touches_the_global_generator(small: Splits) -> None:
    torch.manual_seed(9)
    before = torch.get_rng_state()
    run(config_for(), small)
    assert torch.equal(torch.get_rng_state(), before)


def test_initial_weights_depend_on_the_seed_alone() -> None:
    torch.manual_seed(0)
    one = build(TINY, 4).state_dict()
    torch.manual_seed(1)
    assert equal(one, build(TINY, 4).state_dict())
    assert not equal(one, build(TINY, 5).state_dict())


@pytest.mark.parametrize("seed", [0, 2**63 - 1])
def test_the_largest_and_the_smallest_seed_work(small: Splits, seed: int) -> None:
    assert run(config_for(seed=seed), small).validation is not None


# Learning


@pytest.mark.parametrize("architecture", ["paper", "residual"])
@pytest.mark.parametrize("latent_dim", [1, 2, 7])
def test_the_elbo_rises(small: Splits, architecture: str, latent_dim: int) -> None:
    vae_config = VAEConfig(latent_dim, architecture, hidden=64, blocks=1)
    config = config_for(epochs=2, batch_size=50, learning_rate=3e-3)
    x = binarise_once(small.validation.images).flatten(1)
    untrained = estimate_elbo(build(vae_config, 0), x).elbo
    reports = [report for report in train(vae_config, config, small) if report.validation]
    first, second = (report.validation.elbo for report in reports if report.validation)
    assert untrained < -500  # 784 coins are 543 nats
    assert first > -270
    assert second > first


def test_a_step_is_one_step_of_adam_on_the_negative_elbo(small: Splits) -> None:
    config = config_for(batch_size=2000, learning_rate=1e-2, beta=3.0)
    trained = run(config, small).state.vae

    vae = build(TINY, 0)
    generator = torch.Generator()
    training._seed(generator, 0, 1)
    order = torch.randperm(2000, generator=generator)
    x = training.binarise(small.train.images.flatten(1)[order], generator)
    terms = vae(x, generator)
    (3.0 * terms.kl - terms.reconstruction).mean().backward()
    torch.optim.Adam(vae.parameters(), lr=1e-2, fused=False).step()
    for name, weight in vae.state_dict().items():
        torch.testing.assert_close(trained.state_dict()[name], weight, rtol=1e-4, atol=1e-6)


def test_beta_weighs_the_kl_but_reported_elbos_have_one(small: Splits) -> None:
    loose = list(train(TINY, config_for(beta=0.0, epochs=3, learning_rate=3e-3), small))
    tight = list(train(TINY, config_for(beta=50.0, epochs=3, learning_rate=3e-3), small))
    assert loose[0].train == tight[0].train  # before the first step nothing differs
    assert not equal(loose[0].state.vae.state_dict(), tight[0].state.vae.state_dict())
    assert tight[-1].train.kl < 0.1 * loose[-1].train.kl
    for report in (loose[-1], tight[-1]):
        for elbo in (report.train, report.validation):
            assert elbo is not None
            assert elbo.elbo == elbo.reconstruction - elbo.kl
    x = binarise_once(small.validation.images).flatten(1)
    assert tight[-1].validation == estimate_elbo(tight[-1].state.vae, x)


# The learning rate


def test_each_step_has_the_learning_rate_of_its_place(small: Splits) -> None:
    config = config_for(epochs=3, schedule="cosine", learning_rate=0.01)
    rates = [report.state.optimizer.param_groups[0]["lr"] for report in train(TINY, config, small)]
    assert rates == [learning_rate_at(config, step, 21) for step in range(21)]
    assert rates[-1] < 0.01 * max(rates)


@given(step=st.integers(0, 10**6), rate=st.floats(1e-8, 10))
def test_a_constant_rate_is_constant(step: int, rate: float) -> None:
    config = TrainConfig(learning_rate=rate, schedule="constant")
    assert learning_rate_at(config, step, 10**6 + 1) == rate


@given(steps=st.integers(1, 3000), rate=st.floats(1e-6, 10))
def test_a_cosine_rises_to_its_peak_and_falls_to_almost_nothing(steps: int, rate: float) -> None:
    config = TrainConfig(learning_rate=rate, schedule="cosine")
    rates = [learning_rate_at(config, step, steps) for step in range(steps)]
    warm_up = max(1, steps // 50)
    assert max(rates) == pytest.approx(rate)
    assert rates[warm_up - 1] == pytest.approx(rate)
    assert all(0 < value <= rate * (1 + 1e-9) for value in rates)
    assert rates[:warm_up] == sorted(rates[:warm_up])
    assert rates[warm_up:] == sorted(rates[warm_up:], reverse=True)
    if steps >= 50:
        assert rates[-1] < 0.002 * rate
        assert rates[0] <= rate / warm_up * (1 + 1e-9)


# Divergence


def diverge(
    config: TrainConfig, data: Splits, vae_config: VAEConfig
) -> tuple[list[dict[str, Tensor]], TrainingDiverged]:
    """Train until it breaks; the weights at every yield, and the exception."""
    seen = []

    def consume() -> None:
        for report in train(vae_config, config, data):
            seen.append(weights_of(report.state.vae))
            assert report.validation is None or math.isfinite(report.validation.elbo)
            assert torch.isfinite(report.sums).all()

    with pytest.raises(TrainingDiverged) as caught:
        consume()
    return seen, caught.value


@pytest.mark.parametrize("latent_dim", [1, 2, 7])
def test_a_run_that_really_diverges_stops_before_its_weights_are_spoilt(
    small: Splits, latent_dim: int
) -> None:
    config = config_for(epochs=20, batch_size=100, learning_rate=10.0)
    vae_config = VAEConfig(latent_dim, hidden=64, blocks=1)
    seen, error = diverge(config, small, vae_config)
    assert 1 <= error.step <= 400
    assert error.epoch == (error.step - 1) // 20 + 1
    assert len(seen) in (error.step - 1, error.step)
    for weights in seen:
        assert all(torch.isfinite(weight).all() for weight in weights.values())


def test_an_epoch_whose_validation_diverges_is_not_reported_as_done(small: Splits) -> None:
    """The only step is sound, and what it leads to is not."""
    config = config_for(epochs=20, batch_size=2000, learning_rate=10.0)
    seen, error = diverge(config, small, VAEConfig(2, hidden=64, blocks=1))
    assert str(error) == (
        f"the ELBO became NaN or infinite at step {error.step} (epoch {error.epoch})"
    )
    assert error.epoch == error.step
    assert len(seen) == error.epoch - 1


def test_weights_that_are_nan_are_noticed_at_the_next_step(small: Splits) -> None:
    reports = train(TINY, config_for(), small)
    report = next(reports)
    with torch.no_grad():
        report.state.vae.encoder.mean.bias[0] = math.nan
    before = weights_of(report.state.vae)
    with pytest.raises(TrainingDiverged, match=r"at step 2 \(epoch 1\)"):
        next(reports)
    after = report.state.vae.state_dict()
    assert all(torch.equal(before[name].nan_to_num(), after[name].nan_to_num()) for name in before)
    assert (report.state.step, report.state.batch) == (1, 1)


def test_an_objective_that_overflows_is_not_a_training_that_does_nothing(small: Splits) -> None:
    """Its terms are finite, beta times the KL is not: no step can be taken, and that is said."""
    reports = train(TINY, config_for(beta=1e6), small)
    report = next(reports)
    with torch.no_grad():
        report.state.vae.encoder.log_variance.bias[0] = 80.0
        terms = report.state.vae(torch.zeros(1, 784))
    assert 1e33 < terms.kl.item() < math.inf
    with pytest.raises(TrainingDiverged, match=r"at step 2 \(epoch 1\)"):
        next(reports)
    assert report.state.step == 1


# Stopping and going on


def test_to_stop_is_to_stop_iterating(small: Splits) -> None:
    reports = train(TINY, config_for(epochs=100_000), small)
    for report in reports:
        if report.state.step == 9:
            break
    reports.close()  # type: ignore[attr-defined]
    weights = weights_of(report.state.vae)
    assert (report.state.epoch, report.state.batch, report.state.step) == (2, 2, 9)
    assert next(reports, None) is None
    assert equal(weights, report.state.vae.state_dict())


def restored(tensors: dict[str, Tensor], vae_config: VAEConfig) -> TrainingState:
    """A state from nothing but its tensors, into objects that were made elsewhere."""
    vae = build(vae_config, seed=999)
    names = [name for name, _ in vae.named_parameters()]
    vae.load_state_dict({name: tensors[f"weights.{name}"] for name in vae.state_dict()})
    optimizer = torch.optim.Adam(vae.parameters(), lr=123.0, fused=True)
    slots: dict[int, dict[str, Tensor]] = {index: {} for index in range(len(names))}
    for key, tensor in tensors.items():
        if key.startswith("optimizer."):
            name, slot = key.removeprefix("optimizer.").rsplit(".", 1)
            slots[names.index(name)][slot] = tensor
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": slots, "param_groups": groups})
    generator = torch.Generator()
    generator.set_state(tensors["generator"])
    return TrainingState(vae, optimizer, generator)


def rest_of_epoch(
    state: TrainingState, config: TrainConfig, grey: Tensor
) -> Iterator[TrainingState]:
    """What train() would still do in this epoch."""
    first = torch.Generator()
    training._seed(first, config.seed, state.epoch)
    batches = torch.randperm(len(grey), generator=first).split(config.batch_size)
    for batch in batches[state.batch :]:
        set_learning_rate(state, config, len(batches))
        training._step(state, training.binarise(grey[batch], state.generator), config.beta)
        state.step += 1
        state.batch += 1
        yield state


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
@pytest.mark.parametrize("stop", [8, 11])
def test_the_tensors_of_a_state_are_all_that_is_needed_to_go_on(
    small: Splits, schedule: str, stop: int
) -> None:
    config = config_for(epochs=2, schedule=schedule, seed=8, beta=2.0)
    for report in train(TINY, config, small):
        if report.state.step == stop:
            tensors = {name: tensor.clone() for name, tensor in report.state.tensors().items()}
    expected = report.state

    state = restored(tensors, TINY)
    state.epoch, state.batch, state.step = 2, stop - 7, stop
    assert not equal(state.vae.state_dict(), expected.vae.state_dict())
    *_, state = rest_of_epoch(state, config, small.train.images.flatten(1))
    assert (state.batch, state.step) == (expected.batch, expected.step)
    assert equal(state.tensors(), expected.tensors())


def test_the_tensors_of_a_state_are_named(small: Splits) -> None:
    state = next(train(TINY, config_for(), small)).state
    names = set(state.vae.state_dict())
    assert set(state.tensors()) == (
        {f"weights.{name}" for name in names}
        | {
            f"optimizer.{name}.{slot}"
            for name in names
            for slot in ("exp_avg", "exp_avg_sq", "step")
        }
        | {"generator"}
    )


# Settings and devices


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("epochs", 1.0),
        ("batch_size", 0),
        ("learning_rate", 0.0),
        ("learning_rate", -1e-3),
        ("learning_rate", math.nan),
        ("learning_rate", 11.0),
        ("schedule", "linear"),
        ("beta", -0.5),
        ("beta", math.inf),
        ("beta", 1e39),
        ("seed", -1),
        ("seed", 2**63),
        ("dataset", "cifar"),
        ("device", "tpu"),
    ],
)
def test_wrong_settings_name_their_field(name: str, value: object) -> None:
    with pytest.raises(SettingError) as caught:
        TrainConfig(**{name: value})
    assert caught.value.name == name


def test_the_cpu_is_always_there() -> None:
    assert resolve_device("cpu") == torch.device("cpu")
    assert resolve_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_that_is_not_here_is_refused(name: str, small: Splits) -> None:
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if there[name]:
        pytest.skip(f"this machine has {name}")
    with pytest.raises(SettingError) as caught:
        resolve_device(name)
    assert caught.value.name == "device"
    assert "available: cpu" in caught.value.reason
    with pytest.raises(SettingError):
        next(train(TINY, config_for(device=name), small))


def test_data_are_not_changed(small: Splits) -> None:
    before = small.train.images.clone(), small.validation.images.clone()
    run(config_for(), small)
    assert torch.equal(small.train.images, before[0])
    assert torch.equal(small.validation.images, before[1])
