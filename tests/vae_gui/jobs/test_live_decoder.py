import numpy as np
import torch
from gui_helpers import settle

from vae_gui.jobs.live_decoder import LiveDecoder
from vae_gui.state.workspace import Workspace


def test_a_hundred_moves_are_decoded_once_and_the_last_one_wins(workspace, qtbot):
    decoder = LiveDecoder(workspace.viewpoint)
    readings = []
    workspace.viewpoint.reading_changed.connect(
        lambda: readings.append(workspace.viewpoint.reading)
    )
    for step in range(100):
        workspace.viewpoint.set_probe(np.array([0.01 * step, 0.5]))
    qtbot.waitUntil(lambda: bool(readings))
    settle()
    assert len(readings) == 1
    np.testing.assert_array_equal(readings[0].z, np.float32([0.99, 0.5]))
    del decoder


def test_the_reading_is_what_the_decoder_gives_at_the_printed_point(workspace, qtbot):
    decoder = LiveDecoder(workspace.viewpoint)
    z = np.array([0.123456789, -1.987654321])
    with qtbot.waitSignal(workspace.viewpoint.reading_changed):
        workspace.viewpoint.set_probe(z)
    vae = workspace.document.model.checkpoint.vae
    direct = torch.sigmoid(vae.decoder(torch.from_numpy(z[None]).float()))
    np.testing.assert_allclose(
        workspace.viewpoint.reading.image.ravel(), direct[0].numpy(), atol=1e-5
    )
    np.testing.assert_array_equal(workspace.viewpoint.reading.z, z.astype(np.float32))
    del decoder


def test_levels_are_probabilities_whatever_the_digit(workspace, qtbot):
    decoder = LiveDecoder(workspace.viewpoint)
    for x in np.linspace(-3, 3, 9):
        with qtbot.waitSignal(workspace.viewpoint.reading_changed):
            workspace.viewpoint.set_probe(np.array([x, 0.1 + x]))
        image = workspace.viewpoint.reading.image
        assert image.shape == (28, 28)
        assert 0.0 <= image.min() <= image.max() <= 1.0
    del decoder


def test_without_a_model_nothing_is_decoded(qtbot):
    workspace = Workspace()
    decoder = LiveDecoder(workspace.viewpoint)
    workspace.viewpoint.set_probe(np.array([1.0, 1.0]))
    settle()
    assert workspace.viewpoint.reading is None
    del decoder


def test_where_torch_decodes_it_does_so_with_one_thread(make_model, qtbot):
    workspace = Workspace()
    decoder = LiveDecoder(workspace.viewpoint)
    torch.set_num_threads(2)
    workspace.document.open(make_model(architecture="conv"))
    assert torch.get_num_threads() == 1
    del decoder


def test_the_nearest_digit_appears_when_the_digits_do(make_model, qtbot):
    from gui_helpers import make_digits

    workspace = Workspace()
    decoder = LiveDecoder(workspace.viewpoint)
    workspace.document.open(make_model())
    qtbot.waitUntil(lambda: workspace.viewpoint.reading is not None)
    assert workspace.viewpoint.reading.nearest is None
    workspace.document.set_test(make_digits())
    qtbot.waitUntil(lambda: workspace.viewpoint.reading.nearest is not None)
    assert workspace.viewpoint.reading.nearest == workspace.viewpoint.nearest_to(
        workspace.viewpoint.probe
    )
    del decoder
