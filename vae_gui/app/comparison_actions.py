"""The actions of comparing: what to compare with, how the two are linked and laid on each other."""

from functools import partial

from PySide6.QtGui import QAction

from model import assets
from vae_gui.app.action import Action, Menu
from vae_gui.app.asking import Asking
from vae_gui.app.comparison_choice import ComparisonChoice
from vae_gui.app.comparison_place import ComparisonPlace
from vae_gui.state.comparison import Comparison, Link


def compare_menu(
    comparison: Comparison, asking: Asking, second: ComparisonPlace, choice: ComparisonChoice
) -> Menu:
    """What the open model can be compared with, and how."""
    choose = partial(asking.for_file, second.open, "Compare")
    choose_run = partial(asking.for_run, second.open, "Compare")
    after = (comparison.changed,)

    def linked(link: Link, title: str, key: str) -> Action:
        return Action(
            f"link_{link}",
            title,
            partial(comparison.choose_link, link),
            (key,),
            f"Link two models' probes through {link.words}",
            is_on=lambda: comparison.pairing.link is link,
            after=after,
            excludes_others=True,
        )

    return Menu(
        "Co&mpare with",
        (
            Action(
                "compare", "One of a &list…", choice.ask, ("Ctrl+M",), "Compare with another model"
            ),
            Action("compare_paper", "The &paper's network", partial(second.open, assets.PAPER)),
            Action(
                "compare_bundled", "The &bundled model", partial(second.open, assets.PRETRAINED)
            ),
            Action("compare_file", "A &checkpoint…", choose),
            Action("compare_run", "A &run folder…", choose_run),
            None,
            linked(Link.DIGIT, "Link the probes through the &digit", "Shift+D"),
            linked(Link.Z, "Link the probes through &z", "Shift+Z"),
            Action(
                "align",
                "&Align the right model to the left one",
                lambda: comparison.choose_alignment(not comparison.pairing.is_aligned),
                ("Shift+A",),
                "Turn the second model onto the first, or back",
                is_on=lambda: comparison.pairing.is_aligned,
                after=after,
            ),
            Action("swap", "S&wap the two models", second.swap, ("Ctrl+Shift+M",)),
            Action(
                "stop_comparing", "&Stop comparing", second.stop, effect="Close the second model"
            ),
        ),
    )


def enable_while_comparing(actions: dict[str, QAction], comparison: Comparison) -> None:
    """Enable what two models need while there are two, and the rest while there is one."""

    def show() -> None:
        for name in ("link_digit", "link_z", "align", "swap", "stop_comparing"):
            actions[name].setEnabled(comparison.is_on)
        possible = {"align": not comparison.why_not_aligned()}
        possible |= {f"link_{link}": not comparison.why_not(link) for link in Link}
        for name, can in possible.items():
            actions[name].setEnabled(comparison.is_on and can)

    comparison.changed.connect(show)
    show()
