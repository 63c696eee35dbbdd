"""The menu of a run: its timeline is played, walked through and followed."""

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction

from vae_gui.app.action import Action, Menu
from vae_gui.state.timeline import SPEEDS, Timeline

_NEED_A_TIMELINE = ("play", "back", "forth", "first", "follow", "film")


def run_menu(timeline: Timeline, save_film: Callable[[], None]) -> Menu:
    """Play, back and forth by a snapshot, follow, speed, a film."""

    def speed(times: float) -> Action:
        return Action(
            f"speed_{times:g}",
            f"{times:g}×",
            partial(timeline.set_speed, times),
            is_on=lambda: timeline.speed == times,
            after=(timeline.playing_changed,),
            excludes_others=True,
        )

    def walk(name: str, title: str, steps: int, key: str) -> Action:
        return Action(name, title, partial(timeline.walk, steps), (key,), icon=name)

    return Menu(
        "&Run",
        (
            Action(
                "play",
                "&Play the training",
                timeline.play_or_pause,
                ("K",),
                "Play the training, or pause",
                icon="play",
                is_on=lambda: timeline.is_playing,
                after=(timeline.playing_changed,),
            ),
            walk("back", "One snapshot &back", -1, "J"),
            walk("forth", "One snapshot &forth", 1, "L"),
            Action("first", "To the f&irst snapshot", partial(timeline.go_to, 0), ("Shift+J",)),
            Action(
                "follow",
                "To the &newest snapshot, and follow",
                timeline.follow,
                ("Shift+L",),
                "Go to the newest snapshot, and follow a run that goes on",
                icon="follow",
                is_on=lambda: timeline.follows,
                after=(timeline.changed, timeline.wanted_changed, timeline.playing_changed),
            ),
            None,
            Menu("&Speed", [speed(times) for times in SPEEDS]),
            None,
            Action(
                "film",
                "Save a fil&m of this run…",
                save_film,
                effect="Save the training as a film: a GIF of the plane as it is seen now",
            ),
        ),
    )


def offer_timeline(actions: dict[str, QAction], timeline: Timeline) -> None:
    """Enable the actions of a timeline where there is one; while it plays, play means pause."""

    def show() -> None:
        for name in _NEED_A_TIMELINE:
            actions[name].setEnabled(timeline.is_there)
        actions["play"].setData("pause" if timeline.is_playing else "play")

    timeline.changed.connect(show)
    timeline.playing_changed.connect(show)
    show()
