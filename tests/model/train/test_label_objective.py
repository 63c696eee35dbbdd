"""The objective of models with classes against its formula written out, on a toy."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
import torch
from plain_training import PLAIN
from torch import Tensor
from toy_with_classes import CLASSES, LATENT_DIM, Written, toy, toy_images

from model.network.initialisation import build
from model.network.m1_m2 import M1M2
from model.network.vae import VAEConfig
from model.train.label_objective import LabelObjective, ObjectiveWithLabels
from model.train.train_config import TrainConfig

# A data set of 8 images of which 3 are labelled.
IMAGES, LABELLED = 8, 3
KNOWN = torch.tensor([False, True, False, False, True, True, False, False])
WEIGHT = 0.25


def config_for(**values: object) -> TrainConfig:
    return TrainConfig(**PLAIN | {"classifier_weight": WEIGHT} | values)


@pytest.fixture
def noise() -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(2, IMAGES, LATENT_DIM, generator=generator).double()


def objective(config: TrainConfig, labelled: int = LABELLED) -> ObjectiveWithLabels:
    return ObjectiveWithLabels(toy(), config, IMAGES, labelled)


def of_all(
    module: ObjectiveWithLabels, noise: Tensor, labels: Tensor | None = None
) -> LabelObjective:
    """The objective of a batch with all images."""
    x, truth = toy_images(IMAGES)
    ratio = torch.tensor((IMAGES - LABELLED) / LABELLED).double()
    found: LabelObjective = module(x, noise, truth if labels is None else labels, KNOWN, ratio)
    return found


def test_the_objective_is_equation_9_for_each_image(noise: Tensor) -> None:
    """Eq. 8 (both sums) and alpha times the mean of log q(y|x), all divided by the images."""
    module = objective(config_for())
    found = of_all(module, noise)
    written = Written(module.network.state_dict())
    x, labels = toy_images(IMAGES)
    total = 0.0
    alpha = WEIGHT * IMAGES
    for i in range(IMAGES):
        image, label, draws = x[i].numpy(), int(labels[i]), noise[:, i].numpy()
        if KNOWN[i]:
            total += written.labelled(image, label, draws)
            total += alpha / LABELLED * written.log_q(image)[label]
        else:
            total += written.unlabelled(image, draws)
    counted = IMAGES - LABELLED
    assert found.value.item() / counted == pytest.approx(total / IMAGES, rel=1e-6)


def test_what_is_measured_is_of_the_images_without_a_known_class(noise: Tensor) -> None:
    module = objective(config_for())
    found = of_all(module, noise)
    written = Written(module.network.state_dict())
    x, labels = toy_images(IMAGES)
    others = [i for i in range(IMAGES) if not KNOWN[i]]
    for position, i in enumerate(others):
        log_q = written.log_q(x[i].numpy())
        entropy = -sum(math.exp(value) * value for value in log_q)
        bound = written.unlabelled(x[i].numpy(), noise[:, i].numpy())
        assert found.entropy[position].item() == pytest.approx(entropy)
        assert bool(found.wrong[position]) == (int(log_q.argmax()) != int(labels[i]))
        elbo = found.reconstruction[position] - found.kl[position]
        assert elbo.item() == pytest.approx(bound, rel=1e-6)
    sums = found.sums(torch.float64).tolist()
    expected = (found.reconstruction, found.kl, torch.ones(5), found.entropy, found.wrong)
    assert sums == pytest.approx([values.sum().item() for values in expected])
    assert not any(values.requires_grad for values in found[1:])


def gradients(module: ObjectiveWithLabels) -> dict[str, Tensor]:
    found = {}
    for name, weight in module.network.named_parameters():
        assert weight.grad is not None, name
        found[name] = weight.grad.clone()
    module.zero_grad()
    return found


def test_true_classes_that_are_not_known_have_no_influence(noise: Tensor) -> None:
    module = objective(config_for())
    _, labels = toy_images(IMAGES)
    of_all(module, noise).value.backward()
    expected = gradients(module)
    others = torch.where(KNOWN, labels, (labels + 1) % CLASSES)
    found = of_all(module, noise, others)
    found.value.backward()
    for name, gradient in gradients(module).items():
        assert torch.equal(gradient, expected[name])
    assert not torch.equal(found.wrong, of_all(module, noise).wrong)
    changed = torch.where(KNOWN, (labels + 1) % CLASSES, labels)
    of_all(module, noise, changed).value.backward()
    assert not torch.equal(
        gradients(module)["encoder.mean.weight"], expected["encoder.mean.weight"]
    )


def test_the_mean_over_batches_is_the_objective_of_all_images() -> None:
    """Each batch has one labelled image and two or, the last, one of the others; all orders."""
    images, labelled = 5, 2
    module = ObjectiveWithLabels(toy(), config_for(), images, labelled)
    x, labels = toy_images(images)
    noise = torch.zeros(1, images, LATENT_DIM).double()
    known = torch.tensor([True, False, True, False, False])

    def gradient_of(batch: list[int], counted: int) -> Tensor:
        at = torch.tensor(batch)
        ratio = torch.tensor(counted / (len(batch) - counted)).double()
        value = module(x[at], noise[:, at], labels[at], known[at], ratio).value / counted
        value.backward()
        return torch.cat([grad.flatten() for grad in gradients(module).values()])

    whole = gradient_of([0, 1, 2, 3, 4], 3)
    found = {2: torch.zeros_like(whole), 1: torch.zeros_like(whole)}
    orders = list(itertools.product(itertools.permutations([1, 3, 4]), [0, 2]))
    for order, with_class in orders:
        found[2] += gradient_of([*order[:2], with_class], 2) / len(orders)
        found[1] += gradient_of([order[2], with_class], 1) / len(orders)
    torch.testing.assert_close(found[2], whole, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(found[1], whole, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("shares", [2, 3, 8])
def test_shares_of_a_batch_add_up_whatever_images_they_have(shares: int, noise: Tensor) -> None:
    module = objective(config_for())
    of_all(module, noise).value.backward()
    expected = gradients(module)
    x, labels = toy_images(IMAGES)
    ratio = torch.tensor((IMAGES - LABELLED) / LABELLED).double()
    total = 0.0
    for share in torch.arange(IMAGES).tensor_split(shares):
        found = module(x[share], noise[:, share], labels[share], KNOWN[share], ratio)
        found.value.backward()
        total += found.sums(torch.float64)[2].item()
    assert total == IMAGES - LABELLED
    for name, gradient in gradients(module).items():
        torch.testing.assert_close(gradient, expected[name], rtol=1e-9, atol=1e-12)


def test_with_every_class_known_the_sum_over_classes_is_not_used(noise: Tensor) -> None:
    module = objective(config_for(), IMAGES)
    x, labels = toy_images(IMAGES)
    all_known = torch.ones(IMAGES, dtype=torch.bool)

    def refuse(*_: object) -> None:
        raise AssertionError

    module.network.unlabelled = refuse  # type: ignore[assignment, method-assign]
    found = module(x, noise, labels, all_known, torch.tensor(1.0).double())
    written = Written(module.network.state_dict())
    total = 0.0
    for i in range(IMAGES):
        image, label = x[i].numpy(), int(labels[i])
        total += written.labelled(image, label, noise[:, i].numpy())
        total += WEIGHT * written.log_q(image)[label]
    assert found.value.item() == pytest.approx(total, rel=1e-6)
    assert found.sums(torch.float64)[2] == IMAGES
    likeliest = [int(written.log_q(image.numpy()).argmax()) for image in x]
    assert found.wrong.bool().tolist() == [
        guess != label for guess, label in zip(likeliest, labels.tolist(), strict=True)
    ]


# The ablations


def test_without_its_own_term_the_classifier_learns_from_other_images_alone(noise: Tensor) -> None:
    module = objective(config_for(classifier_weight=0.0))
    found = of_all(module, noise).value.item()
    with_term = of_all(objective(config_for()), noise).value.item()
    written = Written(module.network.state_dict())
    x, labels = toy_images(IMAGES)
    log_q = [written.log_q(x[i].numpy())[int(labels[i])] for i in range(IMAGES) if KNOWN[i]]
    own = WEIGHT * (IMAGES - LABELLED) / LABELLED * sum(log_q)
    assert with_term - found == pytest.approx(own)


def test_a_classifier_that_learns_alone_changes_nothing_else(noise: Tensor) -> None:
    module = objective(config_for(classifier_alone=True))
    found = of_all(module, noise)
    found.value.backward()
    for name, gradient in gradients(module).items():
        assert bool(gradient.any()) == name.startswith("classifier."), name
    written = Written(module.network.state_dict())
    x, labels = toy_images(IMAGES)
    log_q = [written.log_q(x[i].numpy())[int(labels[i])] for i in range(IMAGES) if KNOWN[i]]
    expected = WEIGHT * (IMAGES - LABELLED) / LABELLED * sum(log_q)
    assert found.value.item() == pytest.approx(expected)
    usual = of_all(objective(config_for()), noise)
    for one, other in zip(found[1:], usual[1:], strict=True):
        assert torch.equal(one, other)


def test_above_m1_a_classifier_that_learns_alone_sees_draws_as_it_does_beside_the_bounds() -> None:
    settings = {"architecture": "mlp", "layers": "8", "fourier_features": 0, "latent_dim": 2}
    config = VAEConfig(family="m1+m2", m1_network="3:8:relu", **settings)
    network = build(config, seed=0)
    assert isinstance(network, M1M2)
    generator = torch.Generator().manual_seed(3)
    described = network.describe(torch.rand(IMAGES, 784, generator=generator).round())
    draws = torch.randn(1, IMAGES, config.noise_dim, generator=generator)
    labels = torch.arange(IMAGES)
    module = ObjectiveWithLabels(network, config_for(classifier_alone=True), IMAGES, LABELLED)
    found = module(described, draws, labels, KNOWN, torch.ones(()))
    mean, log_variance = described[:, :3], described[:, 3:6]
    z1 = mean + (0.5 * log_variance).exp() * draws[0, :, 2:]
    log_q = network.above.m2.log_label_posterior(z1)[torch.arange(IMAGES), labels]
    assert found.value.item() == pytest.approx(WEIGHT * log_q[KNOWN].sum().item(), rel=1e-5)


def test_a_classifier_that_learns_alone_does_not_decode_what_it_rules_out(noise: Tensor) -> None:
    """Its bound is one all the same: that of the classes that are left."""
    module = objective(config_for(classifier_alone=True))
    with torch.no_grad():
        module.network.classifier.logits.bias[0] += 6.0
    decoded: list[int] = []
    module.network.decoder.register_forward_hook(lambda _, given, __: decoded.append(len(given[1])))
    found = of_all(module, noise)
    assert decoded == [LABELLED, IMAGES - LABELLED]  # pairs of an image and a class
    x, _ = toy_images(IMAGES)
    written = Written(module.network.state_dict())
    zeros = torch.zeros(IMAGES, dtype=torch.int64)
    expected = module.network.labelled(x, zeros, noise).terms.elbo()[~KNOWN]
    torch.testing.assert_close(found.reconstruction - found.kl, expected)
    log_q = [written.log_q(image) for image in x[~KNOWN].numpy()]
    entropy = [-float((np.exp(each) * each).sum()) for each in log_q]
    assert found.entropy.tolist() == pytest.approx(entropy)


def test_a_gradient_is_that_of_finite_differences(noise: Tensor) -> None:
    """Of the whole objective, in random directions."""
    module = objective(dataclasses.replace(config_for(), samples=2))
    weights = list(module.network.parameters())
    of_all(module, noise).value.backward()
    generator = torch.Generator().manual_seed(2)
    for _ in range(20):
        along = [torch.randn(weight.shape, generator=generator).double() for weight in weights]
        slope = sum(
            float((weight.grad * step).sum()) for weight, step in zip(weights, along, strict=True)
        )
        ends = []
        for sign in (1e-5, -2e-5, 1e-5):
            with torch.no_grad():
                for weight, step in zip(weights, along, strict=True):
                    weight.add_(step, alpha=sign)
                ends.append(of_all(module, noise).value.item())
        assert (ends[0] - ends[1]) / 2e-5 == pytest.approx(slope, rel=1e-4)
