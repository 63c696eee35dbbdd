"""What the user chose to see, as a value that can be gone back to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from vae_gui.state.appearance import Appearance, LayerState
from vae_gui.state.comparison import Pairing
from vae_gui.state.encoded import Array
from vae_gui.state.observation import Sketch
from vae_gui.state.slice import Slice
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace

ROUNDING = 1e-9  # in units of z; the sums of steps there and back differ by less


@dataclass(frozen=True, eq=False)
class Place:
    """Where a viewpoint is in the latent space.

    Attributes:
        slice: the slice that is shown.
        probe: (D,).
        selected: the chosen test image, if there is one.
    """

    slice: Slice
    probe: Array
    selected: int | None

    @classmethod
    def of(cls, viewpoint: Viewpoint) -> "Place":
        """Where it is now."""
        return cls(viewpoint.slice, viewpoint.probe, viewpoint.selected)

    def is_same_as(self, other: "Place") -> bool:
        """Whether nothing that can be seen would change between the two."""
        return (
            self.slice is other.slice
            and self.selected == other.selected
            and len(self.probe) == len(other.probe)
            and np.allclose(self.probe, other.probe, rtol=0.0, atol=ROUNDING)
        )


@dataclass(frozen=True)
class Look:
    """How the planes are drawn.

    Attributes:
        layers: how each layer of the plane is shown.
        hidden_classes: those that are not.
        colouring: the key of a measure; None: by class.
    """

    layers: Mapping[str, LayerState]
    hidden_classes: frozenset[int]
    colouring: str | None

    @classmethod
    def of(cls, appearance: Appearance) -> "Look":
        """How they are drawn now."""
        return cls(dict(appearance.layers), appearance.hidden_classes, appearance.colouring)

    def restore(self, appearance: Appearance) -> None:
        """Draw them like this again."""
        for key, state in self.layers.items():
            appearance.set_layer(key, state)
        appearance.hide_classes(self.hidden_classes)
        appearance.colour_by(self.colouring)


@dataclass(frozen=True, eq=False)
class Scene:
    """A place for each viewpoint, how planes are drawn, how two models compare, and the canvas."""

    places: tuple[Place, ...]
    look: Look
    pairing: Pairing
    sketch: Sketch

    @classmethod
    def of(cls, workspace: Workspace) -> "Scene":
        """What is seen now."""
        places = tuple(Place.of(viewpoint) for viewpoint in workspace.viewpoints)
        look, pairing = Look.of(workspace.appearance), workspace.comparison.pairing
        return cls(places, look, pairing, workspace.observation.sketch)

    def restore(self, workspace: Workspace) -> None:
        """See it again: by the setters of the state, so that all views follow."""
        workspace.comparison.choose(self.pairing)
        with workspace.comparison.unlinked():
            for viewpoint, place in zip(workspace.viewpoints, self.places, strict=True):
                viewpoint.go_to(place.slice, place.selected, place.probe)
        self.look.restore(workspace.appearance)
        workspace.observation.restore(self.sketch)

    def is_same_as(self, other: "Scene") -> bool:
        """Whether nothing would change between the two."""
        same = [a.is_same_as(b) for a, b in zip(self.places, other.places, strict=True)]
        alike = self.look == other.look and self.pairing == other.pairing
        return all(same) and alike and self.sketch.is_same_as(other.sketch)


@dataclass(frozen=True)
class Change:
    """What was done between two scenes.

    Attributes:
        name: in words that follow "Undo".
        flows: whether it is one of many small ones that make up one act, as nudges are.
        viewpoint: the index of the viewpoint that moved, if one did.
    """

    name: str
    flows: bool = False
    viewpoint: int | None = None


def change_between(
    before: Scene, after: Scene, titles: Mapping[str, str], classes: tuple[str, ...]
) -> Change:
    """Say what was done.

    Args:
        before: what was seen before.
        after: what is seen since.
        titles: those of layers and measures, by key.
        classes: the names of classes, by label.
    """
    if after.pairing != before.pairing:
        return Change(_of_pairing(before.pairing, after.pairing))
    if not after.sketch.is_same_as(before.sketch):
        return Change(after.sketch.act, after.sketch.flows)
    for index, places in enumerate(zip(before.places, after.places, strict=True)):
        if change := _of_place(*places):
            return replace(change, viewpoint=index)
    look, new = before.look, after.look
    if new.hidden_classes != look.hidden_classes:
        return Change(_of_classes(look.hidden_classes, new.hidden_classes, classes))
    if new.colouring != look.colouring:
        by = "class" if new.colouring is None else titles.get(new.colouring, new.colouring)
        return Change(f"colouring by {by}")
    return _of_layers(look.layers, new.layers, titles)


def _of_place(before: Place, after: Place) -> Change | None:
    if after.selected != before.selected:
        if after.selected is None:
            return Change("leaving the test digit")
        return Change(f"going to test digit {after.selected:,}")
    if not np.array_equal(after.probe, before.probe):
        return Change("move of the probe", flows=True)
    return None


def _of_pairing(before: Pairing, after: Pairing) -> str:
    if after.link is not before.link:
        return f"linking the probes through {after.link.words}"
    return "aligning" if after.is_aligned else "not aligning"


def _of_layers(
    before: Mapping[str, LayerState], after: Mapping[str, LayerState], titles: Mapping[str, str]
) -> Change:
    changed = [key for key, state in after.items() if before.get(key) != state]
    if len(changed) != 1:
        return Change("change of the plane")
    (key,) = changed
    title, state = titles.get(key, key), after[key]
    if key in before and before[key].visible == state.visible:
        if before[key].size != state.size:
            return Change(f"size of {title}'s cells")
        return Change(f"opacity of {title}", flows=True)
    return Change(f"{'showing' if state.visible else 'hiding'} {title}")


def _of_classes(before: frozenset[int], after: frozenset[int], classes: tuple[str, ...]) -> str:
    if not after:
        return "showing all classes"
    shown = [name for label, name in enumerate(classes) if label not in after]
    if len(shown) == 1:
        return f"showing class {shown[0]} alone"
    if len(before ^ after) == 1:
        (label,) = before ^ after
        name = classes[label] if label < len(classes) else str(label)
        return f"{'hiding' if label in after else 'showing'} class {name}"
    return "change of classes"
