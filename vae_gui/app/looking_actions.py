"""Rows of the menu Evidence: which pixel tells most, and to look at it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from vae_gui.app.action import Action
from vae_gui.state.game import Game
from vae_gui.state.pixel_map import PixelMap

if TYPE_CHECKING:
    from vae_gui.panels.evidence.panel import EvidencePanel


def looking_rows(
    show_page: Callable[[], None],
    panel: Callable[[], "EvidencePanel"],
    pixel_map: PixelMap,
    game: Game,
) -> tuple[Action, ...]:
    """The map over the canvas, and a look at its highest place; both show the page first.

    While the game is seen, they are of its board.
    """

    def switch_map() -> None:
        if game.is_seen:
            game.use_map()
        else:
            show_canvas()
            pixel_map.switch(not pixel_map.is_on)

    def look() -> None:
        if game.is_seen:
            game.look_at_most_telling()
        else:
            show_canvas()
            panel().looking.look_at_most_telling()

    def show_canvas() -> None:
        """Show the page, unless it is: the keyboard stays where it is then."""
        if not panel().isVisible():
            show_page()

    return (
        Action(
            "pixel_map",
            "&Which pixel tells most?",
            switch_map,
            ("O",),
            "Colour unknown pixels by what they would tell",
            is_on=lambda: pixel_map.is_on,
            after=(pixel_map.switched,),
        ),
        Action("look", "Loo&k at the pixel that tells most", look, ("Shift+O",)),
    )
