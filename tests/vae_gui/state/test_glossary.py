import pytest

from vae_gui.state.glossary import GLOSSARY, WIDTH, explained, terms_in
from vae_gui.state.measures import MEASURES


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("test ELBO −115.91 nats per image", ["ELBO", "nats"]),
        ("q(z) = 0.0215, p(z) = 0.103", ["q(z)", "p(z)"]),
        ("KL(q(z|x) ‖ p(z))", ["KL", "q(z|x)", "p(z)"]),
        ("Exact log p(x)", ["log p(x)"]),
        ("E[log p(x|z)]", ["p(x|z)"]),
        ("10,000 posterior means", ["posterior mean"]),
        ("the aggregate posterior, not the prior", ["aggregate posterior", "prior"]),
        ("a chapel, priority", []),
        ("KL, KL and kl", ["KL"]),
    ],
)
def test_it_finds_each_term_once(text, terms):
    assert terms_in(text) == terms


@pytest.mark.parametrize("term", GLOSSARY)
def test_each_term_is_found_and_has_one_sentence(term):
    assert terms_in(term) == [term]
    assert GLOSSARY[term].count(". ") - GLOSSARY[term].count("Std. ") == 0
    assert GLOSSARY[term].endswith(".")


def test_a_tooltip_is_wrapped_and_says_the_own_sentence_first():
    tip = explained("ELBO, nats", "How well it does.")
    assert tip.splitlines()[0] == "How well it does."
    assert all(len(line) <= WIDTH for line in tip.splitlines())
    assert explained("nothing to explain") == ""


@pytest.mark.parametrize("key", MEASURES)
def test_each_measure_names_a_term_that_is_explained(key):
    assert terms_in(f"{MEASURES[key].title}, {MEASURES[key].unit}")
