"""The measures: numbers that images are coloured and ranked by, one file a computation.

A new measure is a row here, and the function that computes it.
"""

from vae_gui.state.measures.closed_form import compute_kl, compute_standard_deviation
from vae_gui.state.measures.disagreement import (
    KEY,
    SCALE_OF_DISAGREEMENT,
    compute_disagreement,
    why_no_disagreement,
)
from vae_gui.state.measures.distance_moved import (
    SCALE,
    compute_distance_moved,
    why_nothing_moved,
)
from vae_gui.state.measures.elbo_terms import compute_terms
from vae_gui.state.measures.log_density import compute_log_density
from vae_gui.state.measures.log_likelihood import compute_log_likelihood
from vae_gui.state.measures.measure import Column, Fraction, Measure, Subject, Values
from vae_gui.state.measures.measurements import Knowledge, Measurements

__all__ = [
    "MEASURES",
    "MEASURE_TITLES",
    "Column",
    "Fraction",
    "Knowledge",
    "Measure",
    "Measurements",
    "Subject",
    "Values",
]


def _only_with_a_likelihood(subject: Subject) -> str:
    return "" if subject.model.has_likelihood else "not above M1"


def _only_in_the_plane(subject: Subject) -> str:
    if subject.is_training:
        return _only_of_the_test_set(subject)
    if not subject.model.has_likelihood:
        return _only_with_a_likelihood(subject)
    return "" if subject.model.latent_dim == 2 else "only in 2-D"


def _only_of_the_test_set(subject: Subject) -> str:
    return "measured of the test set alone" if subject.is_training else ""


MEASURES = {
    measure.key: measure
    for measure in (
        Measure(
            "elbo",
            "ELBO",
            "nats",
            "Reconstruction term minus KL: a bound on log p(x).",
            decimals=2,
            high_is_good=True,
            compute=compute_terms,
            unavailable=_only_with_a_likelihood,
        ),
        Measure(
            "reconstruction",
            "Reconstruction",
            "nats",
            "E[log p(x|z)] under q(z|x): how well the digit comes back.",
            decimals=2,
            high_is_good=True,
            compute=compute_terms,
            unavailable=_only_with_a_likelihood,
        ),
        Measure(
            "kl",
            "KL",
            "nats",
            "KL(q(z|x) ‖ p(z)): what its place in the plane costs.",
            decimals=2,
            high_is_good=False,
            compute=compute_kl,
            at_once=True,
        ),
        Measure(
            "standard_deviation",
            "Std. deviation",
            "units of z",
            "The geometric mean of the standard deviations of q(z|x).",
            decimals=4,
            high_is_good=True,
            compute=compute_standard_deviation,
            at_once=True,
        ),
        Measure(
            "log_likelihood",
            "Exact log p(x)",
            "nats",
            "Integrated over the plane; only with two latent dimensions. Takes a minute, once.",
            decimals=2,
            high_is_good=True,
            compute=compute_log_likelihood,
            unavailable=_only_in_the_plane,
            on_request=True,
            urgency=2,
            activity="Integrating log p(x)",
            title_of_a_class="Exact log p(x|y = {y})",
        ),
        Measure(
            KEY,
            "q(y|x) against p(y|x)",
            "%",
            "Total variation distance of the classifier from exact p(y|x): 0 where they agree, 100 "
            "where each is sure of another class. Takes minutes, once.",
            decimals=1,
            high_is_good=False,
            compute=compute_disagreement,
            unavailable=why_no_disagreement,
            on_request=True,
            urgency=2,
            activity="Integrating p(y|x)",
            scale=SCALE_OF_DISAGREEMENT,
            is_silent_where_unavailable=True,
            title_of_a_class="q(y|x) against p(y|x)",
        ),
        Measure(
            "log_density",
            "log q(z) at its mean",
            "nats",
            "The aggregate posterior of the training digits where this digit lies: is it usual?",
            decimals=2,
            high_is_good=True,
            compute=compute_log_density,
            unavailable=_only_of_the_test_set,
            needs_training=True,
            urgency=1,
            activity="Measuring log q(z)",
            title_of_a_class="log q(z|y = {y}) at its mean",
        ),
        Measure(
            "moved",
            "Distance moved",
            "units of z",
            "How far the mean of q(z|x) has come since the snapshot before.",
            decimals=3,
            high_is_good=False,
            compute=compute_distance_moved,
            unavailable=why_nothing_moved,
            at_once=True,
            scale=SCALE,
            is_silent_where_unavailable=True,
        ),
    )
}

MEASURE_TITLES = {measure.key: measure.title for measure in MEASURES.values()}
