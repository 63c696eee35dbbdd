"""The preview of a model: written, read back, and refused where it is not that model's."""

from pathlib import Path

import numpy as np
import pytest
import torch
from plainly import decode_point

from model.files.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from model.files.preview import KIND, read_preview, write_preview
from model.files.sealed import read, seal
from model.latent.decoding import posteriors
from model.network.initialisation import build
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig


def saved(path: Path, config: VAEConfig, dtype: torch.dtype = torch.float32) -> Checkpoint:
    """A checkpoint of an untrained network, as it is read back."""
    vae = build(config, seed=len(path.name)).eval().requires_grad_(False)
    write_checkpoint(path, Checkpoint(vae, TrainConfig(), 1, {}, {}), dtype)
    return read_checkpoint(path)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@pytest.mark.parametrize(
    "config",
    [VAEConfig(3, "mlp", layers="20-10"), VAEConfig(2, hidden=24, blocks=2, fourier_features=2)],
)
def test_a_preview_shows_what_the_model_computes(
    tmp_path: Path, config: VAEConfig, dtype: torch.dtype
) -> None:
    checkpoint = saved(tmp_path / "model", config, dtype)
    x = torch.rand(30, 784, generator=torch.Generator().manual_seed(0)).round()
    write_preview(tmp_path / "preview", checkpoint, x)
    preview = read_preview(tmp_path / "preview", tmp_path / "model")
    assert preview is not None
    mean, log_variance = posteriors(checkpoint.vae, x)
    np.testing.assert_allclose(preview.means, mean.numpy(), atol=1e-6)
    np.testing.assert_allclose(
        preview.standard_deviations, log_variance.div(2).exp().numpy(), atol=1e-6
    )
    for z in preview.means[:5]:
        expected = decode_point(checkpoint.vae, z)
        np.testing.assert_allclose(preview.decoder.decode(z), expected, atol=1e-5)


def test_the_preview_of_another_model_is_not_shown(tmp_path: Path) -> None:
    config = VAEConfig(2, hidden=8, blocks=1)
    one = saved(tmp_path / "one", config)
    saved(tmp_path / "another", config)
    write_preview(tmp_path / "preview", one, torch.zeros(5, 784))
    assert read_preview(tmp_path / "preview", tmp_path / "another") is None
    assert read_preview(tmp_path / "preview", tmp_path / "missing") is None
    assert read_preview(tmp_path / "missing", tmp_path / "one") is None


def test_convolutions_have_no_preview(tmp_path: Path) -> None:
    config = VAEConfig(2, "conv", hidden=8, blocks=1, channels=2)
    checkpoint = saved(tmp_path / "model", config)
    with pytest.raises(ValueError, match="Unflatten"):
        write_preview(tmp_path / "preview", checkpoint, torch.zeros(5, 784))


@pytest.mark.parametrize(
    "decoder",
    ["", "{}", "[1]", "[[]]", '[["linear", ["body.0.weight"], []]]', '[["linear", 3, 4]]',
     '[["eval", [], []]]', '[["linear", ["nothing", "body.0.bias"], []]]', "[" * 5000],
)  # fmt: skip
def test_a_decoder_that_makes_no_sense_is_no_preview(tmp_path: Path, decoder: str) -> None:
    checkpoint = saved(tmp_path / "model", VAEConfig(2, hidden=8, blocks=1, fourier_features=0))
    path = tmp_path / "preview"
    write_preview(path, checkpoint, torch.zeros(5, 784))
    made = read(path, KIND)
    described = {"model": checkpoint.digest, "decoder": decoder}
    path.write_bytes(seal(KIND, described, made.tensors()))
    assert read_preview(path, tmp_path / "model") is None
