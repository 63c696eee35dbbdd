import dataclasses
import math
import shutil

import numpy as np
import pytest
import torch
from plain_training import PLAIN
from torch import Tensor

from model.data.binarise import binarise_once
from model.data.datasets import Images, Splits
from model.likelihood.elbo import ELBO, estimate_elbo
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig
from model.settings import SettingError
from model.train import observed, training
from model.train.objectives import ObjectiveOfVAE
from model.train.optimisation import learning_rate_at
from model.train.train_config import TrainConfig
from model.train.training import SavedState, TrainingDiverged, TrainingReport, train
from model.train.training_state import Place

TINY = VAEConfig(latent_dim=2, hidden=16, blocks=1, fourier_features=0)


def config_for(**values: object) -> TrainConfig:
    usual = {"epochs": 1, "batch_size": 300, "device": "cpu", "precision": "float32", "threads": 1}
    return TrainConfig(**PLAIN | usual | values)


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
            report.place.images,
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
    assert [report.place.images for report in reports] == [2000]
    assert reports[0].validation is not None


def generator_at(*place: int) -> torch.Generator:
    """Random numbers of a seed, an epoch, a batch, a process and a shard."""
    (word,) = np.random.SeedSequence(place).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(word))


def first_batch(
    data: Splits, seed: int, batch_size: int, samples: int = 1
) -> tuple[Tensor, Tensor]:
    """The pixels and the noise of the first step, by hand: order, pixels, draws of z."""
    order = torch.randperm(len(data.train), generator=generator_at(seed, 1, 0, 0))
    generator = generator_at(seed, 1, 1, 0, 0)
    grey = data.train.images[order[:batch_size]].flatten(1)
    x = (torch.empty_like(grey).random_(0, 255, generator=generator) < grey).float()
    return x, torch.empty(samples, len(x), 2).normal_(generator=generator)


@pytest.mark.parametrize(("objective", "samples"), [("elbo", 1), ("elbo", 3), ("iwae", 4)])
def test_the_first_report_has_the_elbo_of_the_untrained_network(
    small: Splits, objective: str, samples: int
) -> None:
    report = next(train(TINY, config_for(seed=3, objective=objective, samples=samples), small))
    x, noise = first_batch(small, 3, 300, samples)
    vae = build(TINY, 3)
    mean, log_variance = vae.posterior(x)
    reconstructions = [
        -torch.nn.functional.binary_cross_entropy_with_logits(
            vae.decoder(mean + log_variance.div(2).exp() * draw), x, reduction="sum"
        ).item()
        for draw in noise
    ]
    kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum().item()
    assert report.train.reconstruction == pytest.approx(sum(reconstructions) / samples / 300)
    assert report.train.kl == pytest.approx(kl / 300)
    assert report.train.elbo == report.train.reconstruction - report.train.kl
    assert report.sums[2] == 300


def test_the_running_average_weighs_every_image_alike(small: Splits) -> None:
    """Batches of 1,500 and of 500 images."""
    first, second = train(TINY, config_for(batch_size=1500), small)
    assert (first.sums[2], second.sums[2]) == (1500, 2000)
    of_second = (second.sums - first.sums)[:2] / 500
    for index, name in enumerate(("reconstruction", "kl")):
        average = 0.75 * getattr(first.train, name) + 0.25 * of_second[index].item()
        assert getattr(second.train, name) == pytest.approx(average)
    assert not math.isclose(of_second[0].item(), first.train.reconstruction, rel_tol=1e-3)


def test_a_report_can_be_kept(small: Splits) -> None:
    """All but the live state says later what it said then."""
    reports = train(TINY, config_for(), small)
    report = next(reports)
    then = report.train, dataclasses.replace(report.place), report.images_per_second
    next(reports)
    assert (report.train, report.place, report.images_per_second) == then
    assert report.state.place != report.place


def test_validation_is_the_elbo_of_the_validation_images_binarised_once(small: Splits) -> None:
    last = run(config_for(), small)
    x = binarise_once(small.validation.images).flatten(1)
    assert last.validation == estimate_elbo(last.state.network, x)


def test_the_speed_is_that_of_the_steps(small: Splits) -> None:
    seconds = 0.0
    for report in train(TINY, config_for(), small):
        assert report.place.seconds > seconds
        assert report.images_per_second == report.place.images / report.place.seconds
        seconds = report.place.seconds


# Data


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Tensor, Tensor]]:
    """The grey pixels of every step and what was drawn of them."""
    seen = []
    real = observed.binarise

    def binarise(grey: Tensor, generator: torch.Generator) -> Tensor:
        seen.append((grey, real(grey, generator)))
        return seen[-1][1]

    monkeypatch.setattr(observed, "binarise", binarise)
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
        return weights_of(report.state.network), numbers

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


@pytest.mark.parametrize("seed", [0, 2**63 - 1])
def test_the_largest_and_the_smallest_seed_work(small: Splits, seed: int) -> None:
    assert run(config_for(seed=seed), small).validation is not None


# Learning


@pytest.mark.parametrize(
    ("architecture", "latent_dim"),
    [
        ("mlp", 1),
        ("residual", 2),
        ("conv", 7),
        *(
            pytest.param(architecture, latent_dim, marks=pytest.mark.slow)
            for architecture, others in (("mlp", (2, 7)), ("residual", (1, 7)), ("conv", (1, 2)))
            for latent_dim in others
        ),
    ],
)
def test_the_elbo_rises(small: Splits, architecture: str, latent_dim: int) -> None:
    sizes = {"layers": "64", "hidden": 64, "blocks": 1, "channels": 4, "fourier_features": 0}
    vae_config = VAEConfig(latent_dim, architecture, **sizes)
    config = config_for(epochs=2, batch_size=50, learning_rate=3e-3)
    x = binarise_once(small.validation.images).flatten(1)
    untrained = estimate_elbo(build(vae_config, 0), x).elbo
    reports = [report for report in train(vae_config, config, small) if report.validation]
    first, second = (report.validation.elbo for report in reports if report.validation)
    assert untrained < -500  # 784 coins are 543 nats
    assert first > -270
    assert second > first


@pytest.mark.parametrize(
    ("objective", "samples", "optimizer"),
    [("elbo", 1, "adam"), ("elbo", 3, "adagrad"), ("iwae", 3, "adam"), ("dreg", 3, "adagrad")],
)
def test_a_step_is_one_step_of_the_optimiser_on_the_negative_objective(
    small: Splits, objective: str, samples: int, optimizer: str
) -> None:
    beta = 1.0 if objective == "dreg" else 3.0
    config = config_for(
        batch_size=2000,
        learning_rate=1e-2,
        beta=beta,
        objective=objective,
        samples=samples,
        optimizer=optimizer,
    )
    trained = run(config, small).state.network

    vae = build(TINY, 0)
    x, noise = first_batch(small, 0, 2000, samples)
    value = ObjectiveOfVAE(vae, objective)(x, noise, torch.tensor(beta)).value
    (-value.mean()).backward()
    kind = {"adam": torch.optim.Adam, "adagrad": torch.optim.Adagrad}[optimizer]
    kind(vae.parameters(), lr=1e-2, eps=1e-8).step()
    for name, weight in vae.state_dict().items():
        torch.testing.assert_close(trained.state_dict()[name], weight, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("objective", ["iwae", "dreg"])
def test_other_objectives_learn_too(small: Splits, objective: str) -> None:
    config = config_for(epochs=2, batch_size=50, learning_rate=3e-3, objective=objective, samples=3)
    vae_config = VAEConfig(2, hidden=64, blocks=1, fourier_features=0)
    reports = [report for report in train(vae_config, config, small) if report.validation]
    first, second = (report.validation.elbo for report in reports if report.validation)
    assert second > first > -290


def test_beta_weighs_the_kl_but_reported_elbos_have_one(small: Splits) -> None:
    loose = list(train(TINY, config_for(beta=0.0, epochs=3, learning_rate=3e-3), small))
    tight = list(train(TINY, config_for(beta=50.0, epochs=3, learning_rate=3e-3), small))
    assert loose[0].train == tight[0].train  # before the first step nothing differs
    assert not equal(loose[0].state.network.state_dict(), tight[0].state.network.state_dict())
    assert tight[-1].train.kl < 0.1 * loose[-1].train.kl
    for report in (loose[-1], tight[-1]):
        for elbo in (report.train, report.validation):
            assert elbo is not None
            assert elbo.elbo == elbo.reconstruction - elbo.kl
    x = binarise_once(small.validation.images).flatten(1)
    assert tight[-1].validation == estimate_elbo(tight[-1].state.network, x)


def test_a_rising_beta_weighs_each_step(small: Splits, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    forward = ObjectiveOfVAE.forward

    def noted(self: ObjectiveOfVAE, x: Tensor, noise: Tensor, beta: Tensor) -> object:
        seen.append(beta.item())
        return forward(self, x, noise, beta)

    monkeypatch.setattr(ObjectiveOfVAE, "forward", noted)
    run(config_for(epochs=3, batch_size=500, kl_warm_up=2.0, beta=4.0), small)
    assert seen == pytest.approx([0.5 * step for step in range(8)] + [4.0] * 4)


@pytest.mark.parametrize("schedule", ["constant", "cosine", "staircase"])
def test_each_step_has_the_learning_rate_of_its_place(small: Splits, schedule: str) -> None:
    config = config_for(epochs=3, schedule=schedule, learning_rate=0.01)
    rates = [report.state.optimizer.param_groups[0]["lr"] for report in train(TINY, config, small)]
    assert rates == [learning_rate_at(config, step, 7) for step in range(21)]
    assert rates[0] == 0.01
    assert rates[-1] < {"cosine": 0.0002, "constant": 0.011, "staircase": 0.0072}[schedule]


def test_the_start_is_what_the_settings_say(small: Splits) -> None:
    config = config_for(initialisation="glorot", mean_bias=True, learning_rate=1e-8, ema_decay=0.5)
    state = next(train(TINY, config, small)).state
    glorot = build(TINY, 0, "glorot").state_dict()
    mean = (small.train.images.double().mean(0).flatten() / 255).clamp(1e-3, 1 - 1e-3)
    for vae in (state.network, state.ema):
        assert vae is not None
        weights = vae.state_dict()
        for name in glorot.keys() - {"decoder.logits.bias"}:
            torch.testing.assert_close(weights[name], glorot[name], rtol=1e-4, atol=1e-7)
        torch.testing.assert_close(
            weights["decoder.logits.bias"].double(), mean.logit(), atol=1e-5, rtol=1e-5
        )


def test_a_prior_on_the_weights_counts_once_for_all_images(small: Splits) -> None:
    """With gradients that are only the prior's, Adagrad's first step is the learning rate."""
    few = dataclasses.replace(small, train=small.train[:50])
    config = config_for(
        weight_prior=True, optimizer="adagrad", batch_size=50, learning_rate=1e-6, epsilon=1.0
    )
    plain = run(dataclasses.replace(config, weight_prior=False), few).state
    state = run(config, few).state
    start = build(TINY, 0).state_dict()
    sums, others = state.tensors(), plain.tensors()
    for name, weight in start.items():
        # Adagrad's sum of squares after one step is the gradient's square.
        with_prior = sums[f"optimizer.{name}.sum"].double().sqrt()
        without = others[f"optimizer.{name}.sum"].double().sqrt()
        pulled = (with_prior - (without + weight / 50).abs()).abs()
        pushed = (with_prior - (without - weight / 50).abs()).abs()
        assert torch.minimum(pulled, pushed).max() < 1e-4, name
    assert not equal(sums, others)


# The EMA of the weights


def test_the_ema_is_what_is_validated_and_saved(small: Splits) -> None:
    last = run(config_for(epochs=2, ema_decay=0.9, learning_rate=3e-3), small)
    state = last.state
    assert state.model is state.ema
    assert not equal(state.model.state_dict(), state.network.state_dict())
    x = binarise_once(small.validation.images).flatten(1)
    assert last.validation == estimate_elbo(state.ema, x)
    assert last.validation != estimate_elbo(state.network, x)


def test_without_an_ema_the_live_network_is_validated_and_saved(small: Splits) -> None:
    state = run(config_for(), small).state
    assert state.ema is None
    assert state.model is state.network


def test_the_ema_is_that_of_the_weights_after_each_step(small: Splits) -> None:
    by_hand = weights_of(build(TINY, 0))
    decay = 0.3  # reached within the epochs: (1 + step) / (10 + step) rises through it
    for report in train(TINY, config_for(epochs=2, ema_decay=decay), small):
        step = report.place.step - 1
        kept = min(decay, (1 + step) / (10 + step))
        for name, weight in report.state.network.state_dict().items():
            by_hand[name] = kept * by_hand[name] + (1 - kept) * weight
    assert report.state.ema is not None
    for name, weight in report.state.ema.state_dict().items():
        torch.testing.assert_close(weight, by_hand[name], rtol=1e-4, atol=1e-6)


def test_an_ema_does_not_change_the_live_weights(small: Splits) -> None:
    with_, without = (run(config_for(ema_decay=decay), small).state for decay in (0.9, 0.0))
    assert equal(with_.network.state_dict(), without.network.state_dict())


# Early stopping


@pytest.fixture
def validations(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The validation ELBOs to come, one an epoch; they are taken from the list."""
    to_come: list[float] = []
    monkeypatch.setattr(training, "estimate_elbo", lambda *_: ELBO(to_come.pop(0) + 5.0, 5.0))
    return to_come


@pytest.mark.slow
@pytest.mark.parametrize(
    ("elbos", "patience", "epochs", "best"),
    [
        ([-9, -8, -7, -7.5, -7.4, -7.3], 3, 6, 3),  # better than the one before is not enough
        ([-9, -8, -8, -8, -1], 2, 4, 2),  # a tie is no improvement
        ([-9, -9.5, -8, -8.5, -7, -7.5, -7.6], 2, 7, 5),  # patience begins anew
        ([-9, -10], 1, 2, 1),
        ([-9, -10, -11, -12, -13, -14, -15, -16, -17], 0, 9, 1),
        ([-9, -8, -7, -6, -5, -4, -3, -2, -1], 1, 9, 9),
        ([-9, -10, -11, -12, -13, -14, -15, -16, -17], 8, 9, 1),
        ([-9, -10, -11, -12, -13, -14, -15, -16, -17], 50, 9, 1),
    ],
)
def test_patience_ends_after_as_many_epochs_without_improvement(
    elbos: list[float],
    patience: int,
    epochs: int,
    best: int,
    small: Splits,
    validations: list[float],
) -> None:
    validations.extend(elbos)
    config = config_for(epochs=9, batch_size=2000, patience=patience)
    seen = []
    for report in train(TINY, config, small):
        seen.append(report.place.epoch)
        assert report.state.is_best == (
            elbos[report.place.epoch - 1] > max(elbos[: report.place.epoch - 1], default=-math.inf)
        )
    assert seen == list(range(1, epochs + 1))
    assert (report.place.best_epoch, report.place.best_elbo) == (best, max(elbos[:epochs]))


def test_patience_counts_on_after_an_interruption(small: Splits, validations: list[float]) -> None:
    validations.extend([-9, -8, -8.5, -8.6, -8.7, -8.8])
    config = config_for(epochs=9, batch_size=2000, patience=3)
    reports = train(TINY, config, small)
    for _ in range(3):
        state = next(reports).state
    saved = SavedState(state.tensors(), dataclasses.replace(state.place))
    assert [report.place.epoch for report in train(TINY, config, small, saved=saved)] == [4, 5]
    assert validations == [-8.8]


# Precision


@pytest.mark.slow
def test_bfloat16_computes_something_else_and_learns_as_much(small: Splits) -> None:
    states, elbos = {}, {}
    for precision in ("float32", "bfloat16"):
        config = config_for(epochs=3, batch_size=100, learning_rate=3e-3, precision=precision)
        last = run(config, small, VAEConfig(2, hidden=32, blocks=1))
        assert last.validation is not None
        states[precision], elbos[precision] = last.state, last.validation.elbo
    for state in states.values():
        for name, tensor in state.tensors().items():
            assert tensor.dtype == (torch.float64 if name == "sums" else torch.float32), name
    assert not equal(*(state.network.state_dict() for state in states.values()))
    assert elbos["float32"] != elbos["bfloat16"]
    assert elbos["float32"] > -230
    assert elbos["bfloat16"] == pytest.approx(elbos["float32"], abs=3.0)


def test_bfloat16_is_used_in_the_matrix_products(
    small: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = {}
    forward = torch.nn.Linear.forward

    def noted(self: torch.nn.Linear, x: Tensor) -> Tensor:
        found: Tensor = forward(self, x)
        seen.setdefault(precision, set()).add(found.dtype)
        return found

    monkeypatch.setattr(torch.nn.Linear, "forward", noted)
    for precision in ("float32", "bfloat16"):
        next(train(TINY, config_for(precision=precision), small))
    assert seen == {"float32": {torch.float32}, "bfloat16": {torch.bfloat16}}


@pytest.mark.parametrize("objective", ["elbo", "iwae", "dreg"])
def test_bfloat16_gives_almost_the_same_first_elbo(small: Splits, objective: str) -> None:
    first = {
        precision: next(
            train(TINY, config_for(objective=objective, samples=3, precision=precision), small)
        ).train.elbo
        for precision in ("float32", "bfloat16")
    }
    assert first["bfloat16"] == pytest.approx(first["float32"], abs=1.0)


# Divergence


def diverge(
    config: TrainConfig, data: Splits, vae_config: VAEConfig
) -> tuple[list[dict[str, Tensor]], TrainingDiverged]:
    """Train until it breaks; the weights at every yield, and the exception."""
    seen = []

    def consume() -> None:
        for report in train(vae_config, config, data):
            seen.append(weights_of(report.state.network))
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
        report.state.network.encoder.mean.bias[0] = math.nan
    before = weights_of(report.state.network)
    with pytest.raises(TrainingDiverged, match=r"at step 2 \(epoch 1\)"):
        next(reports)
    after = report.state.network.state_dict()
    assert all(torch.equal(before[name].nan_to_num(), after[name].nan_to_num()) for name in before)
    assert (report.state.step, report.state.batch) == (1, 1)


def test_an_objective_that_overflows_is_not_a_training_that_does_nothing(small: Splits) -> None:
    """Its terms are finite, beta times the KL is not: no step can be taken, and that is said."""
    reports = train(TINY, config_for(beta=1e6), small)
    report = next(reports)
    with torch.no_grad():
        report.state.network.encoder.log_variance.bias[0] = 80.0
        terms = report.state.network(torch.zeros(1, 784))
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
    weights = weights_of(report.state.network)
    assert (report.state.epoch, report.state.batch, report.state.step) == (2, 2, 9)
    assert next(reports, None) is None
    assert equal(weights, report.state.network.state_dict())


def saved_at(stop: int, config: TrainConfig, data: Splits) -> SavedState:
    """What a run of these settings is after so many steps."""
    for report in train(TINY, config, data):
        if report.place.step == stop:
            tensors = {name: tensor.clone() for name, tensor in report.state.tensors().items()}
            return SavedState(tensors, report.place)
    raise AssertionError


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"schedule": "cosine", "beta": 2.0},
        {"schedule": "staircase", "optimizer": "adagrad", "ema_decay": 0.9, "kl_warm_up": 1.5},
        {"objective": "iwae", "samples": 3, "ema_decay": 0.99, "weight_decay": 0.1},
        {"objective": "dreg", "samples": 3, "precision": "bfloat16"},
    ],
    ids=str,
)
@pytest.mark.parametrize("stop", [1, 6, 7, 8, 13])
def test_a_run_goes_on_from_any_step_as_if_it_had_not_stopped(
    small: Splits, settings: dict[str, object], stop: int
) -> None:
    config = config_for(epochs=2, seed=8, **settings)
    whole = [
        (report.place, report.train, report.validation) for report in train(TINY, config, small)
    ]
    expected = run(config, small).state
    saved = saved_at(stop, config, small)
    before = {name: tensor.clone() for name, tensor in saved.tensors.items()}
    torch.manual_seed(stop)
    rest = []
    for report in train(TINY, config, small, saved=saved):
        rest.append((report.place, report.train, report.validation))
    for (place, *numbers), (other, *others) in zip(rest, whole[stop:], strict=True):
        assert dataclasses.replace(place, seconds=0.0) == dataclasses.replace(other, seconds=0.0)
        assert numbers == others
    assert equal(report.state.tensors(), expected.tensors())
    assert equal(saved.tensors, before)  # what was saved can be gone on from once more


def test_a_finished_run_has_nothing_to_go_on_with_and_a_longer_one_has(small: Splits) -> None:
    config = config_for(epochs=2)
    saved = saved_at(14, config, small)
    assert list(train(TINY, config, small, saved=saved)) == []
    longer = dataclasses.replace(config, epochs=3)
    *_, report = train(TINY, longer, small, saved=saved)
    assert equal(report.state.tensors(), run(longer, small).state.tensors())


def test_the_time_of_an_epoch_goes_on_too(small: Splits) -> None:
    config = config_for(epochs=2)
    saved = saved_at(9, config, small)
    place = dataclasses.replace(saved.place, seconds=1000.0)
    report = next(train(TINY, config, small, saved=SavedState(saved.tensors, place)))
    assert 1000.0 < report.place.seconds < 1010.0
    assert place.seconds == 1000.0


def test_what_belongs_to_another_network_is_refused(small: Splits) -> None:
    saved = saved_at(1, config_for(), small)
    with pytest.raises(RuntimeError):
        next(train(VAEConfig(3, hidden=16, blocks=1), config_for(), small, saved=saved))
    fewer = {name: tensor for name, tensor in saved.tensors.items() if name != "sums"}
    with pytest.raises(KeyError):
        next(train(TINY, config_for(), small, saved=SavedState(fewer, Place())))


@pytest.mark.parametrize("decay", [0.0, 0.9])
@pytest.mark.parametrize(
    ("optimizer", "slots"),
    [("adam", {"exp_avg", "exp_avg_sq", "step"}), ("adagrad", {"sum", "step"})],
)
def test_the_tensors_of_a_state_are_named(
    small: Splits, decay: float, optimizer: str, slots: set[str]
) -> None:
    config = config_for(ema_decay=decay, optimizer=optimizer)
    state = next(train(TINY, config, small)).state
    names = set(state.network.state_dict())
    assert set(state.tensors()) == (
        {f"weights.{name}" for name in names}
        | {f"average.{name}" for name in names if decay}
        | {f"optimizer.{name}.{slot}" for name in names for slot in slots}
        | {"sums"}
    )


# Devices


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_that_is_not_here_is_refused(name: str, small: Splits) -> None:
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if there[name]:
        pytest.skip(f"this machine has {name}")
    with pytest.raises(SettingError):
        next(train(TINY, config_for(device=name), small))


def test_data_are_not_changed(small: Splits) -> None:
    before = small.train.images.clone(), small.validation.images.clone()
    run(config_for(), small)
    assert torch.equal(small.train.images, before[0])
    assert torch.equal(small.validation.images, before[1])


# Compilation


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("c++") is None, reason="torch.compile needs a compiler")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("objective", ["elbo", "iwae", "dreg"])
def test_a_compiled_step_is_the_same_step(small: Splits, objective: str) -> None:
    config = config_for(
        objective=objective, samples=3, optimizer="adagrad", epsilon=1.0, learning_rate=0.1
    )
    plain = run(config, small).state.network.state_dict()
    compiled = run(dataclasses.replace(config, compile=True), small).state.network.state_dict()
    start = build(TINY, 0).state_dict()
    assert plain.keys() == compiled.keys()
    for name, weight in plain.items():
        torch.testing.assert_close(compiled[name], weight, rtol=1e-3, atol=1e-4)
        assert not torch.allclose(weight, start[name], rtol=1e-3, atol=1e-4), name
