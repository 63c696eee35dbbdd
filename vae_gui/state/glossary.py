"""The terms that are seen on screen, each explained in one plain sentence."""

import re
from functools import lru_cache
from textwrap import fill

WIDTH = 60  # letters in a line of a tooltip, which Qt does not wrap by itself

GLOSSARY = {
    "ELBO": "ELBO: a lower bound on log p(x), the reconstruction term minus the KL term; "
    "higher is better.",
    "KL": "KL: how far q(z|x) of one image is from the prior p(z); 0 where both are the same.",
    "nats": "nat: the unit of numbers that come from natural logarithms; 1 nat is 1.44 bits.",
    "q(z|x)": "q(z|x), the posterior: the encoder's answer to an image x, a normal distribution "
    "over the latent points z that may stand for it.",
    "q(y|x)": "q(y|x), the classifier: how probable it finds each class y of an image x.",
    "p(y|x)": "p(y|x): the probability of each class y of an image x by the model itself, "
    "integrated over the plane of each class.",
    "q(z)": "q(z), the aggregate posterior: the mean of q(z|x) over the training images, which "
    "says where images lie.",
    "p(z)": "p(z), the prior: the standard normal distribution, from which new z are drawn.",
    "p(x|z)": "p(x|z): the decoder's answer to a latent point z, a probability to be on for each "
    "pixel.",
    "log p(x)": "log p(x): the logarithm of the probability that the model gives to an image x.",
    "reconstruction": "Reconstruction: the decoder's picture of the z that the encoder gives; its "
    "term in the ELBO is the mean of log p(x|z) under q(z|x).",
    "prior": "Prior: p(z), the standard normal distribution, from which new z are drawn.",
    "posterior mean": "Posterior mean: the middle of q(z|x), at which an image is drawn in the "
    "plane.",
    "aggregate posterior": "Aggregate posterior: q(z), the mean of q(z|x) over the training "
    "images, which says where images lie.",
    "std. deviation": "Standard deviation: how far z strays from the posterior mean; small where "
    "the encoder is sure.",
    "|z|": "|z|: the distance of z from the origin, where the prior is densest.",
    "latent": "Latent point z: the few numbers from which the decoder draws an image.",
    "binarised": "Binarised: each pixel is made on or off by chance; its grey value is the "
    "probability to be on.",
    "snapshot": "Snapshot: the weights after one of the training's steps, kept to be looked at.",
    "units of z": "Unit of z: one standard deviation of the prior.",
    "Fisher length": "Fisher length: how much the decoder's answer p(x|z) changes along a way; a "
    "change of 1 is one that a single drawn image shows by one standard deviation.",
    "magnification": "Magnification: the square root of det G, Fisher area per area of z: how fast "
    "the decoder's answer changes around a place.",
    "Fisher metric": "Fisher metric G: turns a small step dz into its Fisher length, the root of "
    "dz' G dz.",
    "epoch": "Epoch: one pass of the training over all training images.",
    "Fourier features": "Fourier features: sines and cosines of z, given to the decoder so that "
    "its picture may change quickly with z.",
    "atlas": "Atlas: the decoder's pictures at a grid of places, among which the encoder finds the "
    "best for an image before it refines it.",
}

_BY_NAME = {term.lower(): term for term in GLOSSARY}
# The longest first: "aggregate posterior" is not the prior. Several are named with an "s".
_LONGEST_FIRST = "|".join(re.escape(term) for term in sorted(GLOSSARY, key=len, reverse=True))
_TERMS = re.compile(rf"(?<![\w-])({_LONGEST_FIRST})s?(?!\w)", re.IGNORECASE)


def terms_in(text: str) -> list[str]:
    """The terms that a text names, each once, in the text's order."""
    return list(dict.fromkeys(_BY_NAME[found.lower()] for found in _TERMS.findall(text)))


@lru_cache(maxsize=512)  # a window asks for some 40 of them, and again at each digit
def explained(text: str, *before: str) -> str:
    """A tooltip: some sentences, and one for each term that a text names; wrapped."""
    sentences = [*before, *(GLOSSARY[term] for term in terms_in(text))]
    return "\n".join(fill(sentence, WIDTH) for sentence in sentences if sentence)
