"""Undo and redo, by hand and by keys, in the real window."""

import gc

import numpy as np
import pytest
from gui_helpers import make_digits, mouse, settle
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from vae_gui.app.main_window import MainWindow
from vae_gui.state.appearance import LayerState
from vae_gui.state.history import BURST, MOST_STEPS, History, Step
from vae_gui.state.scene import Scene
from vae_gui.style.theme import ThemeChoice

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
TITLES = {"test": "Test digits", "prior": "Prior contours"}


class Clock:
    """Seconds that pass when the test says so."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def history(workspace, clock, qapp):
    workspace.appearance.layers = {"test": LayerState(True, 1.0), "prior": LayerState(True, 0.5)}
    made = History(workspace, TITLES, workspace, clock)
    settle()
    return made


@pytest.fixture
def window(qtbot, quick_digits, make_model):
    made = MainWindow(ThemeChoice.LIGHT)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    with qtbot.waitSignal(made.opening.finished):
        made.open(make_model().path)
    made.plane.setFocus()
    settle()
    yield made
    made.close()
    made.join()
    settle()


def seen(workspace):
    """The state in plain values, written down field by field."""
    return (
        workspace.viewpoint.probe.tolist(),
        workspace.viewpoint.slice.base.tolist(),
        workspace.viewpoint.slice.base_image,
        workspace.viewpoint.selected,
        dict(workspace.appearance.layers),
        workspace.appearance.hidden_classes,
        workspace.appearance.colouring,
    )


def press(window, key, modifiers=Qt.KeyboardModifier.NoModifier, on=None):
    QTest.keyClick(on or window.plane, key, modifiers)
    settle()


def drag(plane, path):
    """Press at the first of some places, move through the others, release at the last."""
    port = plane
    mouse(port, QEvent.Type.MouseButtonPress, path[0], LEFT, LEFT)
    for place in path[1:]:
        mouse(port, QEvent.Type.MouseMove, place, NONE, LEFT)
        settle()
    mouse(port, QEvent.Type.MouseButtonRelease, path[-1], LEFT, NONE)
    settle()


def places(plane, *points):
    return [plane.view().pixel_of(*np.array(point)) for point in points]


# In the window


def test_nothing_can_be_undone_at_first_and_the_menu_says_so(window):
    assert not window.actions_by_name["undo"].isEnabled()
    assert not window.actions_by_name["redo"].isEnabled()
    before = seen(window.workspace)
    press(window, Qt.Key.Key_Z, CTRL)
    assert seen(window.workspace) == before


def test_a_drag_is_one_step_by_ctrl_z_and_back_by_both_keys(window):
    workspace = window.workspace
    drag(window.plane, places(window.plane, (0, 0), (0.4, 0.2), (0.9, -0.3), (1.5, 1.0)))
    after = workspace.viewpoint.probe.copy()
    np.testing.assert_allclose(after, [1.5, 1.0], atol=0.05)
    assert window.history.stack.count() == 1
    assert window.actions_by_name["undo"].text() == "&Undo move of the probe"
    press(window, Qt.Key.Key_Z, CTRL)
    assert workspace.viewpoint.probe.tolist() == [0.0, 0.0]
    assert not window.actions_by_name["undo"].isEnabled()
    assert window.actions_by_name["redo"].text() == "&Redo move of the probe"
    for key, modifiers in ((Qt.Key.Key_Z, CTRL | SHIFT), (Qt.Key.Key_Y, CTRL)):
        press(window, key, modifiers)
        assert workspace.viewpoint.probe.tolist() == after.tolist()
        assert not window.actions_by_name["redo"].isEnabled()
        press(window, Qt.Key.Key_Z, CTRL)
        assert workspace.viewpoint.probe.tolist() == [0.0, 0.0]


def test_two_drags_are_two_steps(window):
    for end in ((1.0, 0.0), (0.0, 1.0)):
        drag(window.plane, places(window.plane, (0.2, 0.2), end))
    assert window.history.stack.count() == 2


def test_a_double_click_is_one_step(window):
    port = window.plane
    (place,) = places(window.plane, (0.8, 0.8))
    drag(window.plane, [place])
    mouse(port, QEvent.Type.MouseButtonDblClick, place, LEFT, LEFT)
    mouse(port, QEvent.Type.MouseButtonRelease, place, LEFT, NONE)
    settle()
    chosen = window.workspace.viewpoint.selected
    assert chosen is not None
    assert window.history.stack.count() == 1
    assert window.actions_by_name["undo"].text() == f"&Undo going to test digit {chosen:,}"
    press(window, Qt.Key.Key_Z, CTRL)
    assert window.workspace.viewpoint.selected is None
    assert window.workspace.viewpoint.probe.tolist() == [0.0, 0.0]


def test_the_views_follow(window, qtbot):
    press(window, Qt.Key.Key_Return)
    reading = window.workspace.viewpoint.reading
    fields = window.inspector.probe.fields.fields

    def wait_for_fields(values):  # they follow now and then
        expected = pytest.approx(values, abs=1e-6)
        qtbot.waitUntil(lambda: [field.value() for field in fields] == expected)

    wait_for_fields(window.workspace.viewpoint.probe.tolist())
    press(window, Qt.Key.Key_Z, CTRL)
    wait_for_fields([0.0, 0.0])
    assert window.workspace.viewpoint.reading.z.tolist() == [0.0, 0.0]
    press(window, Qt.Key.Key_Y, CTRL)
    wait_for_fields(reading.z.tolist())
    assert window.workspace.viewpoint.reading.z.tolist() == reading.z.tolist()


def test_layers_classes_and_colours_come_back_one_by_one(window):
    workspace = window.workspace
    states, names = [seen(workspace)], []
    for key in (Qt.Key.Key_P, Qt.Key.Key_3, Qt.Key.Key_C, Qt.Key.Key_4):
        press(window, key)
        states.append(seen(workspace))
        names.append(window.history.stack.undoText())
    assert names[:2] == ["hiding Prior contours", "hiding class d"]
    assert names[2:] == ["colouring by ELBO", "hiding class e"]
    for state in states[-2::-1]:
        press(window, Qt.Key.Key_Z, CTRL)
        assert seen(workspace) == state
    for state in states[1:]:
        press(window, Qt.Key.Key_Y, CTRL)
        assert seen(workspace) == state


def test_a_dragged_slider_is_one_step(window):
    slider = window.layers.rows["prior"].slider
    before = window.workspace.appearance.layers["prior"]
    y = slider.height() // 2
    start = round(slider.width() * (slider.value() - 5) / 95)
    QTest.mousePress(slider, LEFT, pos=QPoint(start, y))
    for x in range(start, 10, -6):
        QTest.mouseMove(slider, QPoint(x, y))
        settle()
    QTest.mouseRelease(slider, LEFT, pos=QPoint(12, y))
    settle()
    assert window.workspace.appearance.layers["prior"].opacity < before.opacity - 0.2
    assert window.history.stack.count() == 1
    assert window.actions_by_name["undo"].text() == "&Undo opacity of Prior contours"
    press(window, Qt.Key.Key_Z, CTRL)
    assert window.workspace.appearance.layers["prior"] == before
    assert slider.value() == round(100 * before.opacity)


def test_a_double_click_in_the_legend_is_one_step(window):
    button = window.layers.colours.legend.buttons[3]
    place = QPointF(20, button.height() / 2)
    for kind, held in (
        (QEvent.Type.MouseButtonPress, LEFT),
        (QEvent.Type.MouseButtonRelease, NONE),
        (QEvent.Type.MouseButtonDblClick, LEFT),
    ):
        mouse(button, kind, place, LEFT, held)
        settle()
    assert window.history.stack.undoText() == "showing class d alone"
    press(window, Qt.Key.Key_Z, CTRL)
    assert window.workspace.appearance.hidden_classes == frozenset()


def test_another_model_empties_the_history(window, make_model, qtbot):
    press(window, Qt.Key.Key_Return)
    press(window, Qt.Key.Key_P)
    press(window, Qt.Key.Key_Z, CTRL)
    with qtbot.waitSignal(window.opening.finished):
        window.open(make_model(3, name="other.safetensors").path)
    settle()
    assert (
        window.workspace.viewpoint.selected is not None
    )  # with D > 2 the workspace goes to a digit by itself
    assert not window.actions_by_name["undo"].isEnabled()
    assert not window.actions_by_name["redo"].isEnabled()


def test_typing_keeps_its_own_undo_and_an_idle_field_leaves_it_to_the_window(window):
    field = window.inspector.probe.fields.fields[0]
    press(window, Qt.Key.Key_P)
    field.setFocus()
    field.selectAll()
    for key in "125":
        QTest.keyClick(field, key)
    assert field.text() == "125"
    press(window, Qt.Key.Key_Z, CTRL, on=field)
    assert field.text() != "125"  # what was typed is undone, not the layer
    assert not window.workspace.appearance.is_shown("prior")
    while field.lineEdit().isUndoAvailable():
        press(window, Qt.Key.Key_Z, CTRL, on=field)
    assert not window.workspace.appearance.is_shown("prior")
    press(window, Qt.Key.Key_Z, CTRL, on=field)
    assert window.workspace.appearance.is_shown("prior")
    press(window, Qt.Key.Key_Y, CTRL, on=field)
    assert not window.workspace.appearance.is_shown("prior") or field.lineEdit().isUndoAvailable()


def test_a_typed_coordinate_is_a_step(window, qtbot):
    field = window.inspector.probe.fields.fields[1]
    field.setFocus()
    field.selectAll()
    for key in "0.5":
        QTest.keyClick(field, key)
    press(window, Qt.Key.Key_Return, on=field)
    assert window.workspace.viewpoint.probe.tolist() == [0.0, 0.5]
    press(window, Qt.Key.Key_Z, CTRL, on=field)
    assert window.workspace.viewpoint.probe.tolist() == [0.0, 0.0]
    qtbot.waitUntil(lambda: field.value() == 0.0)


# Without it


def test_a_burst_of_nudges_is_one_step_and_a_pause_ends_it(history, workspace, clock):
    for _ in range(5):
        workspace.viewpoint.set_probe(workspace.viewpoint.probe + 0.05)
        settle()
        clock.now += BURST / 2
    assert history.stack.count() == 1
    clock.now += BURST
    workspace.viewpoint.set_probe(workspace.viewpoint.probe + 0.05)
    settle()
    assert history.stack.count() == 2
    history.undo()
    np.testing.assert_allclose(workspace.viewpoint.probe, [0.25, 0.25])
    history.undo()
    np.testing.assert_allclose(workspace.viewpoint.probe, [0.0, 0.0])


def test_a_burst_that_leads_nowhere_leaves_no_step_and_joins_no_other(history, workspace, clock):
    workspace.appearance.show_layer("test", False)
    settle()
    clock.now += 1.0
    for step in (0.5, -0.5, 0.25):
        workspace.viewpoint.set_probe(workspace.viewpoint.probe + step)
        settle()
    assert history.stack.count() == 2
    history.undo()
    assert workspace.viewpoint.probe.tolist() == [0.0, 0.0]
    assert not workspace.appearance.is_shown("test")


def test_nudges_there_and_back_are_no_step_though_their_sums_are_rounded(history, workspace, clock):
    workspace.viewpoint.set_probe(np.array([0.3, 0.1]))
    settle()
    clock.now += 2.0 * BURST
    for step in (0.1, 0.1, -0.1, -0.1):
        workspace.viewpoint.set_probe(workspace.viewpoint.probe + step)
        settle()
    assert workspace.viewpoint.probe.tolist() != [0.3, 0.1]
    assert history.stack.count() == 1


@pytest.mark.slow
def test_only_the_steps_that_can_be_undone_are_kept(history, workspace, clock, monkeypatch):
    """PySide does not let go of commands that Qt has merged."""

    class Counted(Step):
        """The steps of this history: others may not be collected yet."""

    def steps():
        gc.collect()
        return sum(type(thing) is Counted for thing in gc.get_objects())

    monkeypatch.setattr("vae_gui.state.history.Step", Counted)

    for turn in range(30):
        workspace.viewpoint.set_probe(workspace.viewpoint.probe + 0.05)
        settle()
        clock.now += 2.0 * BURST if turn % 10 == 9 else 0.0
    assert history.stack.count() == steps() == 3
    for step in (0.5, -0.5):  # and one that leads nowhere
        workspace.viewpoint.set_probe(workspace.viewpoint.probe + step)
        settle()
    assert history.stack.count() == steps() == 3
    history.stack.clear()
    assert steps() == 0


def test_a_step_that_goes_on_is_named_anew(history, workspace):
    names = []
    history.undo_text_changed.connect(names.append)
    workspace.begin_gesture()
    workspace.viewpoint.set_probe(workspace.viewpoint.probe + 1.0)
    workspace.end_gesture()
    workspace.begin_gesture(goes_on=True)
    workspace.viewpoint.select(3)
    workspace.end_gesture()
    assert history.stack.count() == 1
    assert len(names) == 2
    assert names[-1] == history.stack.undoText()


def test_switches_never_flow_together(history, workspace):
    for label in (1, 2, 1):
        workspace.appearance.toggle_class(label)
        settle()
    assert history.stack.count() == 3


def test_all_that_one_event_does_is_one_step(history, workspace):
    before = seen(workspace)
    workspace.viewpoint.select(7)
    workspace.appearance.show_layer("prior", False)
    workspace.appearance.colour_by("kl")
    settle()
    assert history.stack.count() == 1
    history.undo()
    assert seen(workspace) == before


def test_a_hover_is_no_step(history, workspace):
    for x in np.linspace(0, 1, 10):
        workspace.viewpoint.set_peek(np.array([x, 0.0]))
        settle()
    assert history.stack.count() == 0


def test_undo_in_the_midst_of_a_drag_goes_back_to_where_it_began(history, workspace):
    workspace.begin_gesture()
    workspace.viewpoint.set_probe(np.array([1.0, 1.0]))
    history.undo()
    assert workspace.viewpoint.probe.tolist() == [0.0, 0.0]
    workspace.viewpoint.set_probe(np.array([2.0, 1.0]))
    workspace.end_gesture()
    history.undo()
    assert workspace.viewpoint.probe.tolist() == [0.0, 0.0]


def test_digits_that_come_late_do_not_split_a_drag(make_model, qapp):
    from vae_gui.state.workspace import Workspace

    workspace = Workspace()
    workspace.document.open(make_model())
    history = History(workspace, {}, workspace)
    settle()
    workspace.begin_gesture()
    workspace.viewpoint.set_probe(np.array([1.0, 0.0]))
    workspace.document.set_test(make_digits())
    workspace.viewpoint.set_probe(np.array([2.0, 0.0]))
    workspace.end_gesture()
    assert history.stack.count() == 1


def test_going_through_digits_of_more_dimensions_brings_the_plane_back(make_model, qapp):
    from vae_gui.state.workspace import Workspace

    workspace = Workspace()
    workspace.document.open(make_model(5))
    workspace.document.set_test(make_digits(5))
    history = History(workspace, {}, workspace)
    settle()
    states = [seen(workspace)]
    for index in (3, 8, 20):
        workspace.viewpoint.select(index)
        settle()
        states.append(seen(workspace))
    assert states[-1][2] == 20
    for state in states[-2::-1]:
        history.undo()
        assert seen(workspace) == state


def test_the_number_of_steps_is_bounded(history, workspace):
    for index in range(MOST_STEPS + 30):
        workspace.viewpoint.select(index % 7)
        settle()
    assert history.stack.count() == MOST_STEPS


def test_a_random_walk_goes_back_and_forth(history, workspace, clock):
    numbers = np.random.default_rng(3)
    states = [seen(workspace)]
    acts = (
        lambda: workspace.viewpoint.set_probe(numbers.normal(size=2)),
        lambda: workspace.viewpoint.select(int(numbers.integers(200))),
        lambda: workspace.appearance.toggle_class(int(numbers.integers(10))),
        lambda: workspace.appearance.solo_class(int(numbers.integers(10)), 10),
        lambda: workspace.appearance.set_layer("prior", LayerState(True, float(numbers.uniform()))),
        lambda: workspace.appearance.show_layer("test", not workspace.appearance.is_shown("test")),
        lambda: workspace.appearance.colour_by(str(numbers.choice(["elbo", "kl", "log_density"]))),
    )
    for _ in range(60):
        acts[numbers.integers(len(acts))]()
        settle()
        clock.now += 1.0
        if seen(workspace) != states[-1]:
            states.append(seen(workspace))
    for state in states[-2::-1]:
        history.undo()
        assert seen(workspace) == state
    for state in states[1:]:
        history.redo()
        assert seen(workspace) == state


def test_a_scene_tells_every_part_of_itself_apart(workspace):
    before = Scene.of(workspace)
    assert before.is_same_as(Scene.of(workspace))
    workspace.appearance.layers["test"] = LayerState(True)
    assert not before.is_same_as(Scene.of(workspace))


# Two viewpoints


@pytest.fixture
def two(workspace, clock, make_model, qapp):
    """A workspace with viewpoints on two documents, and its history."""
    other = workspace.add_document()
    other.document.open(make_model(3, name="other.safetensors"))
    other.document.set_test(make_digits(3))
    history = History(workspace, TITLES, workspace, clock)
    settle()
    return workspace.viewpoint, other, history


def place(viewpoint):
    return (
        viewpoint.probe.tolist(),
        viewpoint.selected,
        viewpoint.slice.base.tolist(),
        viewpoint.slice.base_image,
    )


def test_each_step_goes_back_where_it_was_taken(two, clock):
    one, other, history = two
    states = [(place(one), place(other))]
    for act in (
        lambda: one.select(5),
        lambda: other.select(7),
        lambda: other.set_probe(other.slice.to_latent(np.array([0.5, 0.5]))),
        lambda: one.set_probe(np.array([1.0, -1.0])),
    ):
        act()
        settle()
        clock.now += 1.0
        states.append((place(one), place(other)))
    assert history.stack.count() == 4
    for state in states[-2::-1]:
        history.undo()
        assert (place(one), place(other)) == state
    for state in states[1:]:
        history.redo()
        assert (place(one), place(other)) == state


def test_nudges_in_two_planes_are_two_steps_however_fast_they_follow(two):
    one, other, history = two
    for viewpoint in (one, one, other, other):
        viewpoint.set_probe(viewpoint.probe + np.eye(1, len(viewpoint.probe))[0])
        settle()
    assert history.stack.count() == 2
    before = place(one)
    history.undo()
    assert place(one) == before
    history.undo()
    assert one.probe.tolist() == [0.0, 0.0]


def test_what_moves_in_both_planes_at_once_is_one_step(two):
    one, other, history = two
    before = place(one), place(other)
    one.select(5)
    other.select(7)
    settle()
    assert history.stack.count() == 1
    history.undo()
    assert (place(one), place(other)) == before


def test_another_viewpoint_or_another_model_in_it_empties_the_history(two, workspace, make_model):
    one, other, history = two
    one.select(5)
    settle()
    other.document.open(make_model(2, name="third.safetensors"))
    settle()
    assert history.stack.count() == 0
    one.select(6)
    settle()
    third = workspace.add_document()
    settle()
    assert history.stack.count() == 0
    third.set_probe(np.array([1.0, 1.0]))
    settle()
    history.undo()
    assert third.probe.tolist() == [0.0, 0.0]
