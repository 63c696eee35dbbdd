"""The measures of images: what is known of them, and their ranks."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from gui_helpers import make_digits

from model.network.densities import kl_divergence
from vae_gui.state.measures import MEASURES, Knowledge, Measurements, Subject
from vae_gui.style.scales import scale_of

NAN = np.nan


@pytest.fixture
def subject(make_model):
    return Subject(make_model(3), make_digits(3, count=6))


@pytest.fixture
def measures(subject):
    made = Measurements(MEASURES, subject)
    made.fill("reconstruction", 0, np.array([-90.0, -100.0, NAN, -80.0, -100.0]))
    return made


def test_what_q_says_by_itself_is_measured_at_once(make_model):
    images = make_digits(2, count=5)
    made = Measurements(MEASURES, Subject(make_model(), images))
    mean, deviation = (torch.from_numpy(a) for a in (images.means, images.standard_deviations))
    np.testing.assert_allclose(
        made["kl"].values, kl_divergence(mean, 2 * deviation.log()).numpy(), rtol=1e-12
    )
    np.testing.assert_allclose(
        made["standard_deviation"].values, np.sqrt(images.standard_deviations.prod(axis=1))
    )
    assert made["kl"].is_complete
    assert made["standard_deviation"].is_complete


def test_every_measure_has_a_column_and_nothing_is_made_up(measures):
    for key in MEASURES:
        assert measures[key].values.shape == (6,)
    for key in ("elbo", "log_likelihood", "log_density"):
        assert np.isnan(measures[key].values).all()
        assert measures[key].count == 0
        assert measures[key].scale is None


def test_colours_reach_over_the_images_of_the_class_that_is_shown_alone(make_model):
    classified = np.zeros((6, 10), dtype=np.float32)
    classified[[0, 1, 2], 7] = classified[[3, 4, 5], 2] = 1.0
    images = replace(make_digits(2, count=6), label=7, classified=classified)
    made = Measurements(MEASURES, Subject(make_model(), images))
    made.fill("reconstruction", 0, np.array([-90.0, NAN, -80.0, -500.0, -600.0]))
    column = made["reconstruction"]
    np.testing.assert_array_equal(column.coloured, [-90.0, NAN, -80.0])
    assert column.scale == scale_of(np.array([-90.0, -80.0]))
    assert column.count == 5  # the others have their numbers, too


def test_four_states_of_knowledge_are_told_apart(measures):
    known = [measures.knowledge_of("reconstruction", index) for index in (0, 2, 5)]
    assert known == [Knowledge.KNOWN, Knowledge.UNRESOLVED, Knowledge.NOT_YET]
    assert measures.knowledge_of("log_likelihood", 0) is Knowledge.NEVER
    assert measures.never["log_likelihood"] == "only in 2-D"
    assert measures.knowledge_of("kl", 5) is Knowledge.KNOWN


def test_what_can_never_be_known_stays_so_whatever_is_filled_in(measures):
    measures.fill("log_likelihood", 0, np.full(6, -100.0))
    assert measures.knowledge_of("log_likelihood", 0) is Knowledge.NEVER
    assert not measures.is_open("log_likelihood")


def test_in_two_dimensions_all_can_be_known(make_model):
    digits = make_digits(2, count=6)
    made = Measurements(MEASURES, Subject(make_model(2), replace(digits, former=digits.means)))
    assert made.never == {"disagreement": "only of models with classes"}
    assert made.knowledge_of("log_likelihood", 0) is Knowledge.NOT_YET


def test_of_training_images_only_what_needs_no_test_set_can_be_known(make_model):
    subject = Subject(make_model(2), make_digits(2, count=6), is_training=True)
    made = Measurements(MEASURES, subject)
    assert set(made.never) == {"log_likelihood", "log_density", "disagreement", "moved"}


def test_a_column_is_open_until_each_image_was_tried_resolved_or_not(measures):
    assert measures.is_open("reconstruction")
    measures.fill("reconstruction", 5, np.array([NAN]))
    assert measures["reconstruction"].count == 6
    assert not measures.is_open("reconstruction")
    assert measures.is_open("elbo")
    assert not measures.is_open("kl")


def test_a_column_that_was_handed_out_stays_as_it_was(measures):
    before = measures["reconstruction"]
    measures.fill("reconstruction", 0, np.array([-1.0]))
    assert before.values[0] == -90.0
    assert before.count == 5
    assert measures["reconstruction"].values[:2].tolist() == [-1.0, -100.0]
    assert measures["reconstruction"].count == 5


def test_a_job_gets_the_training_images_and_all_that_is_known_so_far(measures, subject):
    training = make_digits(3, count=4)
    handed = measures.subject_with(training)
    assert handed.training is training
    assert (handed.model, handed.images) == (subject.model, subject.images)
    measures.fill("reconstruction", 0, np.array([-1.0]))  # after it was handed out
    assert handed.so_far["reconstruction"].values[0] == -90.0
    assert handed.so_far["kl"] is measures["kl"]


def test_ranks_go_from_the_worst_to_the_best_among_those_known(measures):
    assert measures.ranked("reconstruction").tolist() == [1, 4, 0, 3]  # not 2, not 5
    assert measures.rank_of(3, "reconstruction") == (1, 4)
    assert measures.rank_of(0, "reconstruction") == (2, 4)
    equal = [measures.rank_of(index, "reconstruction") for index in (1, 4)]
    assert equal == [(3, 4), (3, 4)]
    assert measures.rank_of(2, "reconstruction") is None
    assert measures.rank_of(5, "reconstruction") is None


def test_where_low_is_good_the_highest_is_the_worst(measures):
    order = measures.ranked("kl")
    values = measures["kl"].values
    assert values[order].tolist() == sorted(values, reverse=True)
    assert measures.rank_of(int(order[-1]), "kl") == (1, 6)


def test_a_row_of_the_table_is_all_that_another_measure_needs(subject):
    def refuse(subject):
        return f"not with {subject.model.latent_dim} dimensions"

    row = replace(MEASURES["elbo"], key="beauty", unavailable=refuse)
    made = Measurements(MEASURES | {"beauty": row}, subject)
    assert made.never["beauty"] == "not with 3 dimensions"


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [("elbo", -150.256, "−150.26"), ("standard_deviation", 0.04321, "0.0432"), ("kl", 7.0, "7.00")],
)
def test_a_value_is_written_with_the_decimals_of_its_measure(key, value, text):
    assert MEASURES[key].text_of(value) == text
