"""How the model plays a round of the game, in a worker: without Qt and without state."""

from collections.abc import Generator

from model.latent.decode_table import DecodeTable
from model.latent.evidence import Evidence
from model.latent.guessing import Guess, Look, Rules, moves
from model.latent.plane_posterior import PlanePosterior
from model.latent.running_score import RunningScore
from vae_gui.jobs.pixel_map_steps import on_table
from vae_gui.state.encoded import EncodedImages
from vae_gui.state.game import SURE, ModelPlay, ModelStep
from vae_gui.state.guessing_round import GIVEN_UP, Hidden, Round
from vae_gui.state.pixel_map import PixelInformation

RULES = Rules(SURE, GIVEN_UP)


def play(
    table: DecodeTable, images: EncodedImages, hidden: Hidden
) -> Generator[ModelPlay | None, None, None]:
    """The model's own play, from a table and the images whose encodings tell labels."""
    from model.latent.label_regions import label_shares
    from model.latent.threads import use_threads

    use_threads(1)  # the hand goes first
    shares = label_shares(images.aggregate, table.side)
    yield None
    now, steps = Round(hidden), list[ModelStep]()
    for move in moves(table, shares, hidden.pixels, hidden.label, RULES):
        yield None
        if isinstance(move, Look):
            now = now.look_at(move.pixel)
            steps.append(ModelStep(move.pixel, move.nats, None, move.labels))
        elif isinstance(move, Guess):
            now = now.guess(move.label)
            steps.append(ModelStep(None, 0.0, move.label, move.labels))
    yield ModelPlay(now, tuple(steps), images.source)


def player_map(
    table: DecodeTable, evidence: Evidence
) -> Generator[PixelInformation | None, None, None]:
    """The map of what a player has seen."""
    posterior = PlanePosterior.on_table(RunningScore(table, evidence))
    yield None
    yield (yield from on_table(table, posterior, evidence))
