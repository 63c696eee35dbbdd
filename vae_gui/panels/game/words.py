"""What the game says."""

from vae_gui.panels.evidence.brush import SIDE
from vae_gui.state.game import ROUNDS, SURE, Game, ModelPlay, ModelStep
from vae_gui.state.guessing_round import GIVEN_UP, MAP, WRONG, Ending, Round
from vae_gui.style.scales import percent, percent_of_belief

HINT = "Guess the hidden digit. Each click shows a pixel: the fewer, the better."
THINKING = "…"


def rules(play: ModelPlay | None) -> str:
    """What counts, and how the model plays."""
    by = "" if play is None else f" ({play.labels_by.partition(' (')[0]})"
    return (
        f"A wrong guess costs {WRONG} pixels, the map {MAP}; who gives up pays {GIVEN_UP}. The "
        "model looks at the pixel that tells most about z. It guesses when p(label | seen) "
        f"reaches {percent(SURE)}, by the region of z{by}, and pays for wrong guesses too."
    )


def pixels(count: int) -> str:
    """A number of pixels."""
    return f"{count} pixel{'s' * (count != 1)}"


def place(pixel: int) -> str:
    """Where a pixel is."""
    row, column = divmod(pixel, SIDE)
    return f"row {row}, column {column}"


def news(round_: Round, names: tuple[str, ...]) -> str:
    """What the last guess has brought, while the round goes on."""
    if not round_.wrong:
        return ""
    wrong = ", ".join(names[label] for label in round_.wrong)
    return f"Not {wrong}: {WRONG} pixels for each wrong guess."


def outcome(game: Game, names: tuple[str, ...]) -> str:
    """What the digit was, and who has won the round."""
    assert game.round is not None
    name = names[game.round.hidden.label]
    gave_up = game.round.ending is Ending.GIVEN_UP
    was = f"You gave up: it was {name}." if gave_up else f"Right, it is {name}!"
    if game.play is None:
        return f"{was} The model is still thinking …"
    mine, models = game.round.cost, game.play.round.cost
    if mine == models:
        return f"{was} A draw: {pixels(mine)} each."
    if mine < models:
        return f"{was} The round is yours: {pixels(mine)}, the model {models}."
    return f"{was} The round is the model's: {pixels(models)}, you {mine}."


def final(game: Game) -> str:
    """Who has won the game."""
    mine, models = game.score.won
    if mine == models:
        return f"The game is a draw, {mine} : {models}."
    return f"{'You win' if mine > models else 'The model wins'} the game, {mine} : {models}."


def heading(game: Game) -> str:
    """Which round it is; the number of the game stands below."""
    return f"Round {game.at + 1} of {ROUNDS}"


def step(play: ModelPlay, at: int, names: tuple[str, ...]) -> str:
    """What the model does at a step, counted from 0; after the last one, that it has ended."""
    total = len(play.steps)
    done: ModelStep = play.steps[min(at, total - 1)]
    count = f"Step {min(at, total - 1) + 1} of {total}: "
    if done.pixel is not None:
        value = "ink" if play.round.hidden.pixels[done.pixel] else "blank"
        return f"{count}{place(done.pixel)}, {done.nats:.2f} nats expected: {value}."
    assert done.guess is not None
    right = "right" if done.guess == play.round.hidden.label else "wrong"
    share = percent_of_belief(float(done.labels[done.guess]))
    return f"{count}it guesses {names[done.guess]} at {share}: {right}."
