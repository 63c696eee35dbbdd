"""Where a picture comes from: what is written into its file, so that it can be drawn again."""

import shlex
from collections.abc import Iterable
from pathlib import Path

from model import assets
from vae_gui.app import evidence_flag
from vae_gui.app.picture import Sitter, Subject
from vae_gui.jobs.plane_survey import Cost
from vae_gui.panels.decoded_as import DecodedAs
from vae_gui.plane.tools.shortest_path import ShortestPathTool
from vae_gui.state.appearance import LayerState
from vae_gui.state.comparison import Link
from vae_gui.state.encoded import Array, OpenModel
from vae_gui.style.palette import DARK


def texts_of(sitter: Sitter, subject: Subject, scale: int) -> dict[str, str]:
    """What a picture of the present state shows, and the command that draws it again."""
    model, viewpoint = sitter.workspace.document.model, sitter.workspace.viewpoint
    texts = {"Software": "VAE explorer"}
    if model is None:
        return texts
    z = viewpoint.point if subject is Subject.DIGIT else viewpoint.probe
    point = ", ".join(f"{value:g}" for value in z)
    texts["Model"] = f"{model.title}, SHA-256 {model.digest}"
    if (second := _second(sitter)) is not None and subject is not Subject.DIGIT:
        texts["Compared with"] = f"{second.title}, SHA-256 {second.digest}"
    texts["z"] = f"({point})"
    if subject is not Subject.DIGIT:
        shown = [layer for layer in sitter.plane.layers.layers if _state(sitter, layer.key).visible]
        texts["Layers"] = ", ".join(layer.title for layer in shown)
    texts["Command"] = shlex.join(["vae-gui", *command_of(sitter, subject, scale)])
    return texts


def command_of(sitter: Sitter, subject: Subject, scale: int) -> list[str]:
    """The arguments that draw the picture again."""
    workspace = sitter.workspace
    viewpoint, model = workspace.viewpoint, workspace.document.model
    words = ["--screenshot", f"{subject}.png", "--picture", str(subject), "--scale", str(scale)]
    if model is not None and model.path != assets.PRETRAINED:
        words.insert(0, str(model.path))
    if model is not None and model.label is not None:
        words += ["--class", str(model.label)]
    size = sitter.size_of(subject)
    words += ["--size", f"{size.width()}x{size.height()}"]
    words += _theme_and_place(sitter, viewpoint.point if subject is Subject.DIGIT else None)
    if subject is Subject.DIGIT:
        return words
    if (screen := sitter.plane.devicePixelRatioF()) != 1.0:
        words += ["--pixel-ratio", f"{screen:g}"]
    if subject is Subject.WINDOW:
        words += ["--folded", ",".join(sitter.parts.folded())]
        if shares := [f"{name}={share!r}" for name, share in sitter.parts.given_shares().items()]:
            words += ["--shares", ",".join(shares)]
    words += _comparison(sitter)
    if drawn := evidence_flag.written(workspace.observation.sketch, viewpoint.inference):
        words += ["--evidence", drawn]
    words += _path(sitter)
    return words + _look_of_the_plane(sitter)


def film_command_of(sitter: Sitter, run: Path, out: Path) -> list[str]:
    """The arguments that make a film of a run, seen as the plane is now."""
    words = [str(run), "--film", str(out)]
    return words + _theme_and_place(sitter) + _look_of_the_plane(sitter)


def _theme_and_place(sitter: Sitter, point: Array | None = None) -> list[str]:
    """The theme, the chosen digit, and what is decoded: a point (D,), or the probe."""
    viewpoint = sitter.workspace.viewpoint
    words = ["--theme", "dark" if sitter.look.theme is DARK else "light"]
    if viewpoint.selected is not None:
        words += ["--digit", str(viewpoint.selected)]
    z = viewpoint.probe if point is None else point
    words += ["--z", _numbers(viewpoint.slice.along(z))]
    if (drawn := sitter.probe.decoded_as.choice) != DecodedAs.MEAN:
        words += ["--decoded-as", drawn]
    return words


def _look_of_the_plane(sitter: Sitter) -> list[str]:
    """The part of the plane that is seen, its layers and its colours."""
    appearance, bounds = sitter.workspace.appearance, sitter.plane.view().bounds
    words = ["--view", _numbers((bounds.left, bounds.right, bounds.low, bounds.high))]
    layers = [(layer.key, _state(sitter, layer.key)) for layer in sitter.plane.layers.layers]
    words += ["--layers", ",".join(_layer(key, state) for key, state in layers if state.visible)]
    if appearance.hidden_classes:
        words += ["--hide", ",".join(str(label) for label in sorted(appearance.hidden_classes))]
    if appearance.magnification != 1.0:
        words += ["--magnify", str(appearance.magnification)]
    if appearance.colouring is not None:
        words += ["--colour-by", appearance.colouring]
    return words


def _second(sitter: Sitter) -> OpenModel | None:
    """The model that is compared with the first; None where there is only one."""
    comparison = sitter.workspace.comparison
    second = comparison.second
    return None if second is None or not comparison.is_on else second.document.model


def _comparison(sitter: Sitter) -> list[str]:
    """The arguments that compare the same two models in the same way."""
    second, pairing = _second(sitter), sitter.workspace.comparison.pairing
    if second is None:
        return []
    words = ["--compare", str(second.path)]
    words += [] if pairing.link is Link.DIGIT else ["--link", str(pairing.link)]
    return words + ([] if pairing.is_aligned else ["--unaligned"])


def _path(sitter: Sitter) -> list[str]:
    """The arguments that show the same shortest path."""
    tool = sitter.plane.tools[ShortestPathTool.key]
    assert isinstance(tool, ShortestPathTool)
    finding = tool.finding
    if not finding.is_in_use or finding.start is None or finding.end is None:
        return []
    words = ["--path", _numbers([*finding.start, *finding.end])]
    return words if finding.cost is Cost.LENGTH else [*words, "--path-cost", str(finding.cost)]


def _state(sitter: Sitter, key: str) -> LayerState:
    return sitter.workspace.appearance.layers[key]


def _layer(key: str, state: LayerState) -> str:
    return f"{key}:{state.opacity:.6g}:{state.size}"


def _numbers(values: Iterable[float]) -> str:
    return ",".join(repr(float(value)) for value in values)
