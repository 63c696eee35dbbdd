"""What the user chose to see, as a value that can be gone back to."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vae_gui.state.measures import NUMBERS
from vae_gui.state.session import Array, LayerState, Session
from vae_gui.state.slice import Plane


@dataclass(frozen=True, eq=False)
class Scene:
    """A place in the latent space, and how the plane is drawn.

    Attributes:
        plane: the slice that is shown.
        probe: (D,).
        selected: the chosen test digit, if there is one.
        layers: how each layer of the plane is shown.
        hidden_classes: those that are not.
        colouring: a key of NUMBERS; None: by class.
    """

    plane: Plane
    probe: Array
    selected: int | None
    layers: Mapping[str, LayerState]
    hidden_classes: frozenset[int]
    colouring: str | None

    @classmethod
    def of(cls, session: Session) -> "Scene":
        """What is seen now."""
        return cls(
            session.plane,
            session.probe,
            session.selected,
            dict(session.layers),
            session.hidden_classes,
            session.colouring,
        )

    def restore(self, session: Session) -> None:
        """See it again: by the session's setters, so that all views follow."""
        session.go_to(self.plane, self.selected, self.probe)
        for key, state in self.layers.items():
            session.set_layer(key, state)
        session.hide_classes(self.hidden_classes)
        session.colour_by(self.colouring)

    def is_same_as(self, other: "Scene") -> bool:
        """Whether nothing would change between the two."""
        return (
            self.plane is other.plane
            and self.selected == other.selected
            and np.array_equal(self.probe, other.probe)
            and self.layers == other.layers
            and self.hidden_classes == other.hidden_classes
            and self.colouring == other.colouring
        )


@dataclass(frozen=True)
class Change:
    """What was done between two scenes.

    Attributes:
        name: in words that follow "Undo".
        flows: whether it is one of many small ones that make up one act, as nudges are.
    """

    name: str
    flows: bool = False


def change_between(
    before: Scene, after: Scene, titles: Mapping[str, str], classes: tuple[str, ...]
) -> Change:
    """Say what was done, with the titles of layers by key and the names of classes by label."""
    if after.selected != before.selected:
        if after.selected is None:
            return Change("leaving the test digit")
        return Change(f"going to test digit {after.selected:,}")
    if not np.array_equal(after.probe, before.probe):
        return Change("move of the probe", flows=True)
    if after.hidden_classes != before.hidden_classes:
        return Change(_of_classes(before.hidden_classes, after.hidden_classes, classes))
    if after.colouring != before.colouring:
        by = "class" if after.colouring is None else NUMBERS[after.colouring].title
        return Change(f"colouring by {by}")
    return _of_layers(before.layers, after.layers, titles)


def _of_layers(
    before: Mapping[str, LayerState], after: Mapping[str, LayerState], titles: Mapping[str, str]
) -> Change:
    changed = [key for key, state in after.items() if before.get(key) != state]
    if len(changed) != 1:
        return Change("change of the plane")
    (key,) = changed
    title, state = titles.get(key, key), after[key]
    if key in before and before[key].visible == state.visible:
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
