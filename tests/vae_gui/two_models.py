"""Two models that are compared, and the digits as each of them encodes them."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from gui_helpers import make_digits

from vae_gui.jobs.aligning import Aligning, lay_on
from vae_gui.state.comparison import Comparison
from vae_gui.state.encoded import EncodedImages, OpenModel
from vae_gui.state.linking import Linking
from vae_gui.state.workspace import Workspace

C, S = math.cos(math.radians(40.0)), math.sin(math.radians(40.0))
TURN = np.array([[C, S], [S, -C]])  # of the second model's means: mirrored, then turned by 40


def turned_digits(latent_dim: int = 2, *, other_images: bool = False) -> EncodedImages:
    """The same digits as a model encodes them whose plane is turned, or other images."""
    digits = make_digits(latent_dim)
    means = digits.means @ TURN.T if latent_dim == 2 else -digits.means
    images = 255 - digits.images if other_images else digits.images
    return replace(digits, means=means, images=images)


def encodings(real: Callable[..., Iterator[object]]) -> Callable[..., Iterator[object]]:
    """What opens checkpoints at once: those whose name begins with "turned" or "other" so."""

    def open_quickly(path: Path, data_dir: Path | None, label: int = 0) -> Iterator[object]:
        results = real(path, data_dir, label)
        model = next(results)
        results.close()
        assert isinstance(model, OpenModel)
        yield model
        if path.name.startswith(("turned", "other")):
            yield turned_digits(model.latent_dim, other_images=path.name.startswith("other"))
        else:
            yield make_digits(model.latent_dim)

    return open_quickly


def compare(workspace: Workspace, model: OpenModel, digits: EncodedImages) -> Comparison:
    """Open a second model in a workspace, and lay it on the first, without threads."""
    viewpoint = workspace.compare()
    workspace.linking = Linking(workspace.comparison, workspace)
    viewpoint.document.open(model)
    viewpoint.document.set_test(digits)
    first = workspace.document.test
    assert first is not None
    found = lay_on(first, digits)
    workspace.comparison.set_found(found.shows_same, found.alignment)
    return workspace.comparison


__all__ = ["TURN", "Aligning", "compare", "encodings", "turned_digits"]
