import re

import numpy as np
import pytest
import torch
from gui_helpers import make_digits, settle

from vae_gui.jobs.live_decoder import LiveDecoder
from vae_gui.panels.density_readout import RARE, WARNING, DensityReadout, format_density
from vae_gui.widgets.throttle import Throttle


@pytest.fixture
def readout(workspace, qtbot):
    made = DensityReadout(workspace.viewpoint)
    qtbot.addWidget(made)
    made.decoder = LiveDecoder(workspace.viewpoint)
    made.show()
    return made


def read(text: str) -> list[float]:
    """The numbers in a line, powers of ten too."""
    plain = text.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")).replace("−", "-")
    plain = re.sub(r" × 10(-?\d+)", r"e\1", plain)
    return [float(found) for found in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", plain)]


def move(workspace, readout, z):
    workspace.viewpoint.set_probe(np.asarray(z, dtype=float))
    workspace.viewpoint.set_peek(workspace.viewpoint.probe)  # also where it was already
    workspace.viewpoint.set_peek(None)
    settle()
    for throttle in readout.findChildren(Throttle):
        throttle.catch_up()
    readout.catch_up()


@pytest.mark.parametrize("z", [[0.0, 0.0], [1.0, -1.0], [-2.5, 0.5], [6.0, 6.0]])
def test_the_distance_and_the_priors_mass_within_it(readout, workspace, qtbot, z):
    move(workspace, readout, z)
    radius, percent = read(readout.radius.text().partition("= ")[2].removesuffix("to\u00a00"))
    assert radius == pytest.approx(np.hypot(*z), abs=5e-4)
    expected = 100.0 * (1.0 - np.exp(-0.5 * np.dot(z, z)))
    assert percent == pytest.approx(expected, abs=0.11)


def test_both_densities_are_those_of_torchs_distributions(readout, workspace, qtbot):
    training = make_digits(count=300)
    workspace.document.set_training(training)
    means, spreads = (
        torch.from_numpy(training.means),
        torch.from_numpy(training.standard_deviations),
    )
    for z in ([0.2, 0.1], [1.0, -1.0], training.means[5], [4.0, 3.0]):
        move(workspace, readout, z)
        q, p = read(readout.densities.text().replace("unit²", "")[len("q(z) =") :])
        point = torch.as_tensor(np.asarray(z, dtype=np.float64))
        inside = torch.distributions.Normal(means, spreads).log_prob(point).sum(dim=1)
        assert q == pytest.approx(float(inside.exp().mean()), rel=0.03)
        prior = torch.distributions.Normal(0.0, 1.0).log_prob(point).sum().exp()
        assert p == pytest.approx(float(prior), rel=0.03)


def test_it_warns_below_the_first_percentile_of_the_digits_own_densities(readout, workspace, qtbot):
    workspace.document.set_training(make_digits(count=300))
    move(workspace, readout, [40.0, 0.0])
    assert readout.warning.text() == ""  # what is usual is not known yet
    own = np.linspace(-10.0, 0.0, 200)
    workspace.document.measure(workspace.document.measures, "log_density", 0, own)
    move(workspace, readout, [40.0, 0.1])
    assert readout.warning.text() == WARNING


def test_the_warning_begins_at_the_percentile_itself(readout, workspace, qtbot, monkeypatch):
    class Slope:
        """A density whose logarithm is z1."""

        def __init__(self, means, standard_deviations):
            pass

        def log_density(self, z):
            return float(z[0])

    monkeypatch.setattr("model.latent.point_density.PointDensity", Slope)
    workspace.document.set_training(make_digits(count=30))
    own = np.linspace(-10.0, 0.0, 200)
    workspace.document.measure(workspace.document.measures, "log_density", 0, own)
    edge = np.percentile(own, RARE)
    for here, warned in ((edge - 0.01, True), (edge + 0.01, False)):
        move(workspace, readout, [here, 0.0])
        assert (readout.warning.text() == WARNING) is warned


def test_before_the_training_digits_are_there_only_the_prior_is_named(readout, workspace, qtbot):
    move(workspace, readout, [0.0, 0.0])
    assert readout.densities.text() == "p(z) = 0.159 per unit²"


@pytest.mark.parametrize("value", [12.3, 0.159, 0.00123, 3.2e-7, 1e-40, 5e9])
def test_a_density_reads_back(value):
    assert read(format_density(np.log(value)))[0] == pytest.approx(value, rel=0.03)
