"""--evidence: what is typed and what is written comes back as the same canvas."""

import argparse

import numpy as np
import pytest

from model.data.masks import mask_named
from model.latent.evidence import Evidence
from vae_gui.app import picture_flags
from vae_gui.app.evidence_flag import parse, written
from vae_gui.state.observation import Observation, Sketch, WholeImage


def test_a_digit_with_a_mask_and_noise_is_understood():
    found = parse("digit:18,mask:left-half,noise:0.1")
    assert (found.digit, found.grey, found.noise) == (18, False, 0.1)
    np.testing.assert_array_equal(found.seen, mask_named("left-half").seen(1, 0)[0])
    assert parse("digit:3,grey").grey


def test_a_drawing_comes_back_to_the_last_pixel():
    pixels = np.random.default_rng(0).choice([0.0, 1.0, np.nan], 784).astype(np.float32)
    text = written(Sketch(Evidence(pixels, 0.25)))
    found = parse(text)
    np.testing.assert_array_equal(found.pixels, pixels)
    assert found.noise == 0.25
    assert len(text) < 250


@pytest.mark.parametrize("grey", [False, True])
def test_a_part_of_a_test_digit_comes_back_with_its_index(grey):
    pixels = np.linspace(0.0, 1.0, 784).astype(np.float32)
    observation = Observation()
    whole = pixels if grey else np.round(pixels)
    observation.load(WholeImage(whole, "test digit 5", 5))
    assert parse(written(observation.sketch)).seen is None
    seen = np.random.default_rng(1).random(784) < 0.4
    observation.hide_all_but(seen, "some")
    found = parse(written(observation.sketch))
    assert (found.digit, found.grey) == (5, grey)
    np.testing.assert_array_equal(found.seen, seen)


def test_an_empty_canvas_is_not_written():
    assert written(Observation().sketch) == ""


@pytest.mark.parametrize(
    "text",
    ["", "18", "digit:x", "mask:left-half", "digit:1,mask:nowhere", "digit:1,noise:0.7",
     "pixels:AAAA", "pixels:!", "digit:1,pixels:AAAA", "digit:1,seen:AA", "digit:1,show:nothing",
     "digit:1,show:chains,steps:0", "digit:1,seed:1000"],
)  # fmt: skip
def test_what_is_not_understood_is_refused_by_the_command_line(text, capsys):
    parser = argparse.ArgumentParser()
    picture_flags.add_to(parser)
    with pytest.raises(SystemExit):
        parser.parse_args([f"--evidence={text}"])
    assert "--evidence" in capsys.readouterr().err
