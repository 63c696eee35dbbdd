"""Training images for the layers of the aggregate posterior."""

import numpy as np
import pytest
from gui_helpers import make_digits

from vae_gui.state.workspace import Workspace


@pytest.fixture
def trained(workspace) -> Workspace:
    """With training images of three classes."""
    images = make_digits(count=120)
    images.labels[:] = np.arange(120) % 3
    workspace.document.set_training(images)
    return workspace
