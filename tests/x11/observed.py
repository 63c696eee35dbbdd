"""`python -m vae_gui`, watched: the same program, and a file that tells what happens in it.

The environment variable VAE_GUI_OBSERVED names the file. It gets a line of JSON for each reading,
each change of the model, the digits and the selection, and every 50 ms one with all that the tests
ask about: values, and where on the screen things are. Nothing is called that changes anything.
"""

import json
import os
import sys
from pathlib import Path

from PySide6.QtCore import QPoint, QRectF, QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QMenuBar, QWidget

from vae_gui import __main__
from vae_gui.app import main_window
from vae_gui.app.main_window import MainWindow
from vae_gui.plane.viewport import Bounds


class Observer:
    """Writes down what happens in a window."""

    def __init__(self, window: MainWindow, path: Path) -> None:
        self._window = window
        self._file = path.open("a", buffering=1)
        workspace = window.workspace
        workspace.viewpoint.reading_changed.connect(
            lambda: self._tell("reading", **self._reading())
        )
        workspace.viewpoint.selection_changed.connect(
            lambda: self._tell("selection", index=workspace.viewpoint.selected)
        )
        workspace.document.model_changed.connect(lambda: self._tell("model", **self._model()))
        workspace.document.test_changed.connect(lambda: self._tell("digits", **self._digits()))
        self._timer = QTimer(window, interval=50)
        self._timer.timeout.connect(self._tell_state)
        self._timer.start()

    def _tell(self, event: str, **facts: object) -> None:
        self._file.write(json.dumps({"event": event} | facts) + "\n")

    def _tell_state(self) -> None:
        window, workspace = self._window, self._window.workspace
        self._tell(
            "state",
            reading=self._reading() if workspace.viewpoint.reading else None,
            probe=workspace.viewpoint.probe.tolist(),
            selected=workspace.viewpoint.selected,
            **self._model(),
            **self._digits(),
            training=workspace.document.training is not None,
            layers={key: state.visible for key, state in workspace.appearance.layers.items()},
            settled=workspace.pending.is_settled,
            hidden=sorted(workspace.appearance.hidden_classes),
            colouring=workspace.appearance.colouring,
            where=window.inspector.probe.where.text(),
            nearest=[button.index for button in window.inspector.nearest.buttons],
            ranked=[int(index) for index in window.inspector.ranking.ranking.order[:5]],
            message=window.messages.text.text() if window.messages.isVisible() else None,
            tour=window.tour.card.title.text() if window.tour.card.isVisible() else "",
            sign=window.drop_sign.text if window.drop_sign.isVisible() else "",
            details=window.messages.details.isVisible(),
            statement=window.header.statement.text() if _on_screen(window.header.statement) else "",
            source=window.header.source.text(),
            page=window.left.pages.shown,
            trained=_training_of(window),
            waits=window.run_bar.text.text() if window.run_bar.isVisible() else "",
            range=_range_of(window.plane.view().bounds),
            second=self._second(),
            evidence=_evidence_of(window),
            path=_path_of(window),
            game=_game_of(window),
            classes=_classes_of(window),
            rectangles=self._rectangles(),
            actions=_actions(),
            windows={type(w).__name__: int(w.winId()) for w in _visible_windows()},
            active=type(QApplication.activeWindow()).__name__,
            **{"layers panel": window.left.isVisible()},
            focus=_name_of(QApplication.focusWidget()),
            typed=_text_of(QApplication.focusWidget()),
        )

    def _reading(self) -> dict[str, object]:
        reading = self._window.workspace.viewpoint.reading
        assert reading is not None
        nearest = reading.nearest
        return {
            "z": reading.z.tolist(),
            "is_peek": reading.is_peek,
            "nearest": nearest.index if nearest else None,
            "distance": nearest.distance if nearest else None,
            "brightest": float(reading.image.max()),
        }

    def _model(self) -> dict[str, object]:
        model = self._window.workspace.document.model
        return {"model": str(model.path) if model else None}

    def _digits(self) -> dict[str, object]:
        viewpoint = self._window.workspace.viewpoint
        digits = viewpoint.document.test
        if digits is None:
            return {"digits": 0, "bounds": None}
        places = viewpoint.slice.to_plane(digits.means)
        low, high = places.min(axis=0), places.max(axis=0)
        return {"digits": len(digits.means), "bounds": [low.tolist(), high.tolist()]}

    def _second(self) -> dict[str, object] | None:
        """The model that is compared with the first."""
        window, comparison = self._window, self._window.workspace.comparison
        second = comparison.second
        if second is None or second.document.model is None or second.document.test is None:
            return None
        plane, bar = window.second.comparing.plane, window.second.comparing.bar
        seen = plane.view()
        reading = second.reading
        return {
            "model": str(second.document.model.path),
            "probe": second.probe.tolist(),
            "place": second.slice.to_plane(second.probe).tolist(),
            "mean": second.document.test.means[second.selected or 0].tolist(),
            "selected": second.selected,
            "reading": None if reading is None else reading.z.tolist(),
            "link": str(comparison.link),
            "aligned": comparison.is_aligned,
            "sentence": bar.sentence.text(),
            "visible": plane.isVisible(),
            "range": _range_of(seen.bounds),
            "plot": _on_the_screen(plane, seen.rect_of(seen.bounds)),
            "digit": _on_the_screen(window.second.comparing.floating),
            "align": _on_the_screen(bar.align),
            "z": _on_the_screen(bar.link.buttons["z"]),
            "stop": _on_the_screen(bar.stop),
        }

    def _rectangles(self) -> dict[str, list[float]]:
        window, plane = self._window, self._window.plane
        widgets: dict[str, QWidget] = {
            "window": window,
            "plane": plane,
            "status": window.status,
            "digit": window.inspector.probe.digit,
            "message": window.messages,
            "details": window.messages.more,
            "next of tour": window.tour.card.go_on,
            "end of tour": window.tour.card.close_button,
            "dismiss": window.messages.dismiss,
            "colour by": window.layers.colours.choice,
            "start": window.place.panel.form.start,
            "pause": window.place.panel.progress.pause,
            "go on": window.place.panel.progress.go_on,
            "stop": window.place.panel.progress.stop,
            "ten digits": window.classes.strip.row,
        }
        for key, row in window.layers.rows.items():
            widgets[f"layer {key}"] = row.box
        for index, button in enumerate(window.layers.colours.legend.buttons):
            widgets[f"class {index}"] = button
        for rank, button in enumerate(window.inspector.nearest.buttons):
            widgets[f"nearest {rank}"] = button
        for axis, field in enumerate(window.inspector.probe.fields.fields):
            widgets[f"z{axis + 1}"] = field
        if window.left.pages.shown == "evidence":
            page = window.evidence.panel
            widgets |= {"canvas": page.canvas, "rest is blank": page.clear.rest}
            if window.evidence.game.is_seen:
                widgets["board"] = window.evidence.game.page.board
        found = {name: _on_the_screen(widget) for name, widget in widgets.items()}
        within = plane.view().rect_of(plane.view().bounds)
        return found | {"plot": _on_the_screen(plane, within)}


def _training_of(window: MainWindow) -> dict[str, object]:
    """The training that is shown, and whether the form of another one is there."""
    run, form = window.training.run, window.place.panel.form
    return {
        "stage": str(run.stage) if run is not None else "",
        "epoch": run.epoch if run is not None else 0,
        "is ours": window.training.is_of_this_window,
        "failure": window.training.failure,
        "command": form.command.text,
        "can start": form.start.isEnabled() and form.command.text != "",
    }


def _evidence_of(window: MainWindow) -> dict[str, object]:
    """What is on the canvas, and the numbers of it, where these are known."""
    workspace, numbers = window.workspace, window.workspace.viewpoint.inference.numbers
    known = workspace.observation.sketch.evidence.known
    found: dict[str, object] = {"known": int(known.sum()), "drawn": int(known[:392].sum())}
    if numbers is not None:
        found["nats"] = numbers.log_p_observed
        found["entropy"] = numbers.entropy
        found["modes"] = [mode.mass for mode in numbers.modes]
    encoder = workspace.viewpoint.inference.encoder
    if encoder.shown is not None:
        found["elbo"], found["refined"] = encoder.shown.elbo, encoder.is_refined
    return found


def _game_of(window: MainWindow) -> dict[str, object] | None:
    """How the game stands, while it is seen."""
    game = window.evidence.game.game
    if not game.is_seen or game.round is None:
        return None
    return {
        "looked": len(game.round.looked),
        "over": game.is_round_over,
        "rounds": len(game.score.rounds),
    }


def _classes_of(window: MainWindow) -> dict[str, object] | None:
    """Which class is shown, the ten digits, and what is known of the chosen one."""
    model, place = window.workspace.document.model, window.classes
    if model is None or model.label is None:
        return None
    found, answer = place.digits.images, place.answer.found
    rows = window.with_classes.analogies.choice.found
    return {
        "label": model.label,
        "header": window.header.statement.text(),
        "row": None if found is None else [round(float(image.sum()), 2) for image in found],
        "p": None if answer is None else answer.probabilities.tolist(),
        "analogies": None if rows is None else len(rows.indices),
    }


def _path_of(window: MainWindow) -> dict[str, object] | None:
    """The shortest path that is shown, once it is measured."""
    finding = window.paths.finding
    path = finding.path
    if path is None or finding.stops is None:
        return None
    return {"length": path.length, "straight": path.straight, "stops": len(finding.stops.places)}


def _range_of(bounds: Bounds) -> list[list[float]]:
    """From what to what, along z1 and along z2."""
    return [[bounds.left, bounds.right], [bounds.low, bounds.high]]


def _on_screen(widget: QWidget) -> bool:
    return widget.isVisible() and not widget.visibleRegion().isEmpty()


def _on_the_screen(widget: QWidget, part: QRectF | None = None) -> list[float]:
    """x, y, width and height of a widget, or of a part of it, in the screen's pixels."""
    part = part or QRectF(widget.rect())
    corner = widget.mapToGlobal(QPoint(0, 0))
    return [corner.x() + part.x(), corner.y() + part.y(), part.width(), part.height()]


def _visible_windows() -> list[QWidget]:
    return [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]


def _actions() -> dict[str, list[float]]:
    """What can be clicked in the menu bar and in the menus that are open now."""
    found = {}
    for widget in QApplication.allWidgets():
        if isinstance(widget, (QMenu, QMenuBar)) and widget.isVisible():
            for action in widget.actions():
                text = action.text().replace("&&", "\0").replace("&", "").replace("\0", "&")
                place = QRectF(widget.actionGeometry(action))
                found[text.partition("\t")[0]] = _on_the_screen(widget, place)
    return found


def _name_of(widget: QWidget | None) -> str | None:
    return widget.accessibleName() if widget is not None else None


def _text_of(widget: QWidget | None) -> str | None:
    return widget.text() if isinstance(widget, QLineEdit) else None


class ObservedWindow(MainWindow):
    """The program's window, with an observer."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.observer = Observer(self, Path(os.environ["VAE_GUI_OBSERVED"]))


if __name__ == "__main__":
    main_window.MainWindow = ObservedWindow  # type: ignore[misc]
    sys.exit(__main__.main())
