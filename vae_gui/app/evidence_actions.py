"""The menu of the page Evidence: its brush, and what is put on its canvas."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from vae_gui.app.action import Action, Menu
from vae_gui.state.observation import BLANK, Observation

if TYPE_CHECKING:
    from vae_gui.panels.evidence.panel import EvidencePanel


def evidence_menu(
    show_page: Callable[[], None], panel: Callable[[], "EvidencePanel"], observation: Observation
) -> Menu:
    """The page, the brush, and the canvas. What is done with the hand shows the page first."""

    def paint(name: str, title: str, key: str) -> Action:
        def take() -> None:
            show_page()
            panel().tools.paints.choose(name)

        return Action(f"paint_{name}", title, take, (key,))

    def load_chosen() -> None:
        show_page()
        panel().digit.load_chosen()

    return Menu(
        "Ev&idence",
        (
            Action(
                "page_evidence",
                "&Evidence: draw a part of a digit",
                show_page,
                ("Ctrl+E",),
                "Draw a part of a digit, and see where it can lie",
            ),
            None,
            paint("ink", "Draw &ink", "I"),
            paint("blank", "Draw &blank pixels", "B"),
            paint("unknown", "Make pixels &unknown", "U"),
            None,
            Action("load_chosen", "Load the &chosen digit", load_chosen, ("Shift+X",)),
            Action(
                "rest_blank", "The &rest is blank", partial(observation.fill, BLANK), ("Shift+B",)
            ),
            Action("clear_canvas", "C&lear the canvas", observation.clear, ("Shift+U",)),
        ),
    )
