"""The window, or a part of it, as a PNG, without a display and without a user."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QSize
from PySide6.QtWidgets import QApplication

from model.atomic import write_atomically
from vae_gui.app.evidence_flag import GivenEvidence
from vae_gui.app.evidence_place import KEY
from vae_gui.app.main_window import MainWindow
from vae_gui.app.picture import Subject, as_png, draw
from vae_gui.app.provenance import texts_of
from vae_gui.jobs.opening import Opening
from vae_gui.jobs.plane_survey import Cost
from vae_gui.panels.decoded_as import DecodedAs
from vae_gui.plane.canvas import Bounds
from vae_gui.plane.tools.shortest_path import ShortestPathTool
from vae_gui.state.appearance import LayerState
from vae_gui.state.comparison import Pairing
from vae_gui.style.palette import CLASS_COUNT

_RESIZES = 30  # until the plane has the size that is asked for; five do where that can be had


class ScreenshotError(Exception):
    """The picture cannot be made; the message is one sentence for the user."""


@dataclass(frozen=True)
class Shot:
    """What to render.

    Attributes:
        out: the PNG file.
        size: of what is shown, in pixels; of the window where that is the digit.
        checkpoint: what to open.
        z: the probe's place in the plane, one or two numbers; the origin if empty.
        digit: the index of the chosen test digit; None for none.
        layers: the layers that are shown, each by its key, its key and opacity, or its key,
            opacity and size ("manifold:0.5:2"); None for those shown by default.
        colour_by: the key of the measure that images are coloured by; None: by class.
        subject: what is shown.
        scale: the picture's pixels for each of the window's.
        view: the part of the plane that is seen: left, right, low, high; everything if empty.
        hide: the labels of classes that are hidden.
        decoded_as: how the decoded digit is drawn.
        magnification: how large text, points and marks of the plane are.
        folded: the names of the parts of the window that are folded; None for those at first.
        shares: by name, the shares of those parts that have not their usual size.
        screen: the pixels of the screen that it is drawn as for, for each of the window's.
        compare: a checkpoint to compare with; None for none.
        pairing: how two models are compared.
        evidence: what is on the canvas, whose page is shown then; None for nothing.
        path: the shortest path that is shown, from z1, z2 to z1, z2 of the plane; none if empty.
        path_cost: what it is short in.
        plane_of: the class whose plane is shown, of a model with classes; None for the first.
    """

    out: Path
    size: QSize
    checkpoint: Path
    z: Sequence[float] = ()
    digit: int | None = None
    layers: Sequence[str] | None = None
    colour_by: str | None = None
    subject: Subject = Subject.WINDOW
    scale: int = 1
    view: Sequence[float] = ()
    hide: Sequence[int] = ()
    decoded_as: str = DecodedAs.MEAN
    magnification: float = 1.0
    folded: Sequence[str] | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    screen: float = 1.0
    compare: Path | None = None
    pairing: Pairing = field(default_factory=Pairing)
    evidence: GivenEvidence | None = None
    path: Sequence[float] = ()
    path_cost: Cost = Cost.LENGTH
    plane_of: int | None = None


def take(window: MainWindow, shot: Shot) -> None:
    """Open the checkpoint, place the probe, and write the picture.

    Raises:
        ScreenshotError: the checkpoint cannot be opened, what is asked for does not fit it, or the
            picture cannot be written.
    """
    prepare(window, shot)
    texts = texts_of(window.sitter, shot.subject, shot.scale)
    try:
        write_atomically(shot.out, as_png(draw(window.sitter, shot.subject, shot.scale), texts))
    except OSError as error:
        raise ScreenshotError(f"{shot.out} could not be written; choose another place.") from error


def prepare(window: MainWindow, shot: Shot) -> None:
    """Open the checkpoint, and show what the picture is to show; wait until all of it is there.

    Raises:
        ScreenshotError: the checkpoint cannot be opened, or what is asked for does not fit it.
    """
    window.show()
    if shot.subject is Subject.PLANE:  # the plane grows when panels beside it are folded
        _lay_out(window, shot)
        resize(window, shot)
    else:
        resize(window, shot)
        _lay_out(window, shot)
    _open(window.opening, window.open, shot.checkpoint)
    _choose_class(window, shot.plane_of)
    _compare(window, shot)
    _show_layers(window, shot.layers)
    _choose(window, shot.digit)
    _place_probe(window, shot.z)
    _draw_evidence(window, shot.evidence)
    window.workspace.appearance.colour_by(shot.colour_by)
    window.workspace.appearance.hide_classes(frozenset(shot.hide))
    window.inspector.probe.decoded_as.choose(shot.decoded_as)
    window.workspace.appearance.magnify(shot.magnification)
    _show_path(window, shot)
    if shot.subject is Subject.PLANE:  # what is written above it is known now
        resize(window, shot)
    if shot.view:
        window.plane.viewport.show(Bounds(*shot.view))
    window.sitter.draw_as_fine_as(shot.scale, shot.screen)
    wait_until(lambda: window.workspace.pending.is_settled)


def _show_path(window: MainWindow, shot: Shot) -> None:
    """Take the path tool, and wait for the path."""
    if not shot.path:
        return
    finding, points = window.paths.finding, np.array(shot.path, dtype=float).reshape(2, 2)
    window.workspace.take_tool(ShortestPathTool.key)
    if why_not := finding.why_not():
        raise ScreenshotError(f"--path: {why_not}")
    resize(window, shot)  # the strip below the plane has taken some of its height
    if not shot.view:
        window.plane.fit()
    wait_until(lambda: finding.is_settled)
    finding.choose(shot.path_cost)
    finding.begin(points[0])
    finding.lead_to(points[1])
    wait_until(lambda: finding.is_settled)


def resize(window: MainWindow, shot: Shot) -> None:
    """Give what is shown the size that was asked for; the rest of the window keeps its own."""
    sitter, subject = window.sitter, shot.subject
    window.resize(shot.size)
    for _ in range(_RESIZES):  # panels take a fraction of what is added
        QApplication.processEvents()
        if sitter.size_of(subject) == shot.size:
            break
        window.resize(window.size() + shot.size - sitter.size_of(subject))
    if sitter.size_of(subject) != shot.size:
        least = sitter.size_of(subject)
        raise ScreenshotError(f"--size must be at least {least.width()}x{least.height()}.")


def _lay_out(window: MainWindow, shot: Shot) -> None:
    """Fold the parts of the window that are to be folded, and divide the others."""
    parts, edges = window.parts.folds, window.parts.edges
    if unknown := sorted({*(shot.folded or ()), *shot.shares} - {*parts, *edges}):
        known = ", ".join([*parts, *edges])
        raise ScreenshotError(f"There is no part {unknown[0]!r}; the parts are {known}.")
    if shot.folded is not None:
        for name, part in parts.items():
            part.setChecked(name not in shot.folded)
    for name, share in shot.shares.items():
        if name in edges:
            edges[name].set_share(share)


def _compare(window: MainWindow, shot: Shot) -> None:
    """Open a second model, if one is asked for; the window keeps its size."""
    if shot.compare is None:
        return
    window.workspace.comparison.choose(shot.pairing)
    _open(window.second.comparing.model.opening, window.second.open, shot.compare)
    wait_until(lambda: window.workspace.pending.is_settled)
    _lay_out(window, shot)
    for _ in range(2):  # the bar above two planes finds its lines after the first time
        resize(window, shot)
        wait_until(lambda: window.workspace.pending.is_settled)


def _open(opening: Opening, open_path: Callable[[Path], None], checkpoint: Path) -> None:
    """Open a checkpoint and wait until its digits are encoded."""
    waiting = QEventLoop()
    failures: list[str] = []
    opening.failed.connect(lambda sentence, _: failures.append(sentence))
    opening.unready.connect(lambda _, sentence: failures.append(sentence))
    opening.failed.connect(waiting.quit)
    opening.unready.connect(waiting.quit)
    opening.finished.connect(waiting.quit)
    open_path(checkpoint)
    waiting.exec()
    if failures:
        raise ScreenshotError(failures[0])


def _show_layers(window: MainWindow, shown: Sequence[str] | None) -> None:
    if shown is None:
        return
    layers = window.workspace.appearance.layers
    wanted = {word.partition(":")[0]: word.split(":")[1:] for word in shown}
    if unknown := sorted(set(wanted) - set(layers)):
        raise ScreenshotError(
            f"There is no layer {unknown[0]!r}; the layers are {', '.join(layers)}."
        )
    for key, state in list(layers.items()):
        new = _shown(key, state, wanted[key]) if key in wanted else replace(state, visible=False)
        window.workspace.appearance.set_layer(key, new)


def _shown(key: str, state: LayerState, numbers: Sequence[str]) -> LayerState:
    """A layer that is shown, with its opacity and its size where they are given."""
    try:
        opacity = float(numbers[0]) if numbers else state.opacity
        size = int(numbers[1]) if len(numbers) > 1 else state.size
    except ValueError:
        opacity, size = math.nan, 0
    if not 0.0 <= opacity <= 1.0 or size not in (0, 1, 2) or len(numbers) > 2:
        raise ScreenshotError(
            f"--layers {key} takes an opacity from 0 to 1 and a size of 0, 1 or 2, "
            f"as in {key}:0.5:1."
        )
    return LayerState(True, opacity, size)


def _choose(window: MainWindow, digit: int | None) -> None:
    if digit is None:
        return
    test = window.workspace.document.test
    assert test is not None
    if not 0 <= digit < len(test):
        raise ScreenshotError(f"--digit must be from 0 to {len(test) - 1}, not {digit}.")
    window.workspace.viewpoint.select(digit)


def _choose_class(window: MainWindow, label: int | None) -> None:
    if label is None:
        return
    if not window.classes.choosing.is_there:
        raise ScreenshotError("--class is for models with classes; leave it out.")
    if not 0 <= label < CLASS_COUNT:
        raise ScreenshotError(f"--class must be from 0 to {CLASS_COUNT - 1}, not {label}.")
    window.classes.choose(label)
    wait_until(lambda: window.workspace.pending.is_settled)


def _draw_evidence(window: MainWindow, given: GivenEvidence | None) -> None:
    """Show the page Evidence with something on its canvas; a panel that is folded stays so."""
    if given is None:
        return
    window.place.left.pages.choose(KEY)
    window.evidence.put(given, _index_within(window, given.digit))
    wait_until(lambda: window.workspace.pending.is_settled)
    if given.seen is not None:
        window.workspace.observation.hide_all_but(given.seen, "a part")
    window.workspace.observation.set_flip(given.noise)
    for _ in window.evidence.show(given):
        wait_until(lambda: window.workspace.pending.is_settled)


def _index_within(window: MainWindow, digit: int | None) -> int | None:
    test = window.workspace.document.test
    if digit is not None and (test is None or not 0 <= digit < len(test)):
        last = -1 if test is None else len(test) - 1
        raise ScreenshotError(f"The digit of --evidence must be from 0 to {last}, not {digit}.")
    return digit


def wait_until(condition: Callable[[], bool]) -> None:
    """Go on with all that is under way until a condition holds."""
    QApplication.processEvents()
    while not condition():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    QApplication.processEvents()


def _place_probe(window: MainWindow, z: Sequence[float]) -> None:
    if not z:
        return
    viewpoint = window.workspace.viewpoint
    dimensions = len(viewpoint.slice.shown)
    if len(z) != dimensions:
        raise ScreenshotError(f"--z needs {dimensions} numbers for this model, not {len(z)}.")
    viewpoint.set_probe(viewpoint.slice.to_latent(np.array(z, dtype=float)))
