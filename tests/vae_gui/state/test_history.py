"""Undo and redo, by hand and by keys, in the real window."""

import gc

import numpy as np
import pytest
from gui_helpers import make_digits, mouse, settle
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from vae_gui.app.main_window import MainWindow
from vae_gui.state.history import BURST, MOST_STEPS, History, Step
from vae_gui.state.scene import Scene
from vae_gui.state.session import LayerState
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
def history(session, clock, qapp):
    session.layers = {"test": LayerState(True, 1.0), "prior": LayerState(True, 0.5)}
    made = History(session, TITLES, session, clock)
    settle()
    return made


@pytest.fixture
def window(qtbot, quick_digits, make_model):
    made = MainWindow(ThemeChoice.LIGHT)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    with qtbot.waitSignal(made.opener.finished):
        made.open(make_model().path)
    made.plane.setFocus()
    settle()
    yield made
    made.close()
    made.join()
    settle()


def seen(session):
    """The state in plain values, written down field by field."""
    return (
        session.probe.tolist(),
        session.plane.base.tolist(),
        session.plane.base_digit,
        session.selected,
        dict(session.layers),
        session.hidden_classes,
        session.colouring,
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
    assert not window.edit.undo.isEnabled()
    assert not window.edit.redo.isEnabled()
    before = seen(window.session)
    press(window, Qt.Key.Key_Z, CTRL)
    assert seen(window.session) == before


def test_a_drag_is_one_step_by_ctrl_z_and_back_by_both_keys(window):
    session = window.session
    drag(window.plane, places(window.plane, (0, 0), (0.4, 0.2), (0.9, -0.3), (1.5, 1.0)))
    after = session.probe.copy()
    np.testing.assert_allclose(after, [1.5, 1.0], atol=0.05)
    assert window.history.stack.count() == 1
    assert window.edit.undo.text() == "&Undo move of the probe"
    press(window, Qt.Key.Key_Z, CTRL)
    assert session.probe.tolist() == [0.0, 0.0]
    assert not window.edit.undo.isEnabled()
    assert window.edit.redo.text() == "&Redo move of the probe"
    for key, modifiers in ((Qt.Key.Key_Z, CTRL | SHIFT), (Qt.Key.Key_Y, CTRL)):
        press(window, key, modifiers)
        assert session.probe.tolist() == after.tolist()
        assert not window.edit.redo.isEnabled()
        press(window, Qt.Key.Key_Z, CTRL)
        assert session.probe.tolist() == [0.0, 0.0]


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
    chosen = window.session.selected
    assert chosen is not None
    assert window.history.stack.count() == 1
    assert window.edit.undo.text() == f"&Undo going to test digit {chosen:,}"
    press(window, Qt.Key.Key_Z, CTRL)
    assert window.session.selected is None
    assert window.session.probe.tolist() == [0.0, 0.0]


def test_the_views_follow(window, qtbot):
    press(window, Qt.Key.Key_Return)
    reading = window.session.reading
    fields = window.inspector.probe.fields.fields

    def wait_for_fields(values):  # they follow now and then
        expected = pytest.approx(values, abs=1e-6)
        qtbot.waitUntil(lambda: [field.value() for field in fields] == expected)

    wait_for_fields(window.session.probe.tolist())
    press(window, Qt.Key.Key_Z, CTRL)
    wait_for_fields([0.0, 0.0])
    assert window.session.reading.z.tolist() == [0.0, 0.0]
    press(window, Qt.Key.Key_Y, CTRL)
    wait_for_fields(reading.z.tolist())
    assert window.session.reading.z.tolist() == reading.z.tolist()


def test_layers_classes_and_colours_come_back_one_by_one(window):
    session = window.session
    states, names = [seen(session)], []
    for key in (Qt.Key.Key_P, Qt.Key.Key_3, Qt.Key.Key_C, Qt.Key.Key_4):
        press(window, key)
        states.append(seen(session))
        names.append(window.history.stack.undoText())
    assert names[:2] == ["hiding Prior contours", "hiding class d"]
    assert names[2:] == ["colouring by ELBO", "hiding class e"]
    for state in states[-2::-1]:
        press(window, Qt.Key.Key_Z, CTRL)
        assert seen(session) == state
    for state in states[1:]:
        press(window, Qt.Key.Key_Y, CTRL)
        assert seen(session) == state


def test_a_dragged_slider_is_one_step(window):
    slider = window.layers.rows["prior"].slider
    before = window.session.layers["prior"]
    y = slider.height() // 2
    start = round(slider.width() * (slider.value() - 5) / 95)
    QTest.mousePress(slider, LEFT, pos=QPoint(start, y))
    for x in range(start, 10, -6):
        QTest.mouseMove(slider, QPoint(x, y))
        settle()
    QTest.mouseRelease(slider, LEFT, pos=QPoint(12, y))
    settle()
    assert window.session.layers["prior"].opacity < before.opacity - 0.2
    assert window.history.stack.count() == 1
    assert window.edit.undo.text() == "&Undo opacity of Prior contours"
    press(window, Qt.Key.Key_Z, CTRL)
    assert window.session.layers["prior"] == before
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
    assert window.session.hidden_classes == frozenset()


def test_another_model_empties_the_history(window, make_model, qtbot):
    press(window, Qt.Key.Key_Return)
    press(window, Qt.Key.Key_P)
    press(window, Qt.Key.Key_Z, CTRL)
    with qtbot.waitSignal(window.opener.finished):
        window.open(make_model(3, name="other.safetensors").path)
    settle()
    assert window.session.selected is not None  # with D > 2 the session goes to a digit by itself
    assert not window.edit.undo.isEnabled()
    assert not window.edit.redo.isEnabled()


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
    assert not window.session.is_shown("prior")
    while field.lineEdit().isUndoAvailable():
        press(window, Qt.Key.Key_Z, CTRL, on=field)
    assert not window.session.is_shown("prior")
    press(window, Qt.Key.Key_Z, CTRL, on=field)
    assert window.session.is_shown("prior")
    press(window, Qt.Key.Key_Y, CTRL, on=field)
    assert not window.session.is_shown("prior") or field.lineEdit().isUndoAvailable()


def test_a_typed_coordinate_is_a_step(window, qtbot):
    field = window.inspector.probe.fields.fields[1]
    field.setFocus()
    field.selectAll()
    for key in "0.5":
        QTest.keyClick(field, key)
    press(window, Qt.Key.Key_Return, on=field)
    assert window.session.probe.tolist() == [0.0, 0.5]
    press(window, Qt.Key.Key_Z, CTRL, on=field)
    assert window.session.probe.tolist() == [0.0, 0.0]
    qtbot.waitUntil(lambda: field.value() == 0.0)


# Without it


def test_a_burst_of_nudges_is_one_step_and_a_pause_ends_it(history, session, clock):
    for _ in range(5):
        session.set_probe(session.probe + 0.05)
        settle()
        clock.now += BURST / 2
    assert history.stack.count() == 1
    clock.now += BURST
    session.set_probe(session.probe + 0.05)
    settle()
    assert history.stack.count() == 2
    history.undo()
    np.testing.assert_allclose(session.probe, [0.25, 0.25])
    history.undo()
    np.testing.assert_allclose(session.probe, [0.0, 0.0])


def test_a_burst_that_leads_nowhere_leaves_no_step_and_joins_no_other(history, session, clock):
    session.show_layer("test", False)
    settle()
    clock.now += 1.0
    for step in (0.5, -0.5, 0.25):
        session.set_probe(session.probe + step)
        settle()
    assert history.stack.count() == 2
    history.undo()
    assert session.probe.tolist() == [0.0, 0.0]
    assert not session.is_shown("test")


def test_only_the_steps_that_can_be_undone_are_kept(history, session, clock):
    """PySide does not let go of commands that Qt has merged."""

    def steps():
        gc.collect()
        return sum(type(thing) is Step and thing._session is session for thing in gc.get_objects())

    for turn in range(60):
        session.set_probe(session.probe + 0.05)
        settle()
        clock.now += 2.0 * BURST if turn % 20 == 19 else 0.0
    assert history.stack.count() == steps() == 3
    for step in (0.5, -0.5):  # and one that leads nowhere
        session.set_probe(session.probe + step)
        settle()
    assert history.stack.count() == steps() == 3
    history.stack.clear()
    assert steps() == 0


def test_a_step_that_goes_on_is_named_anew(history, session):
    names = []
    history.stack.undoTextChanged.connect(names.append)
    session.gesture_began.emit(False)
    session.set_probe(session.probe + 1.0)
    session.gesture_ended.emit()
    session.gesture_began.emit(True)
    session.select(3)
    session.gesture_ended.emit()
    assert history.stack.count() == 1
    assert len(names) == 2
    assert names[-1] == history.stack.undoText()


def test_switches_never_flow_together(history, session):
    for label in (1, 2, 1):
        session.toggle_class(label)
        settle()
    assert history.stack.count() == 3


def test_all_that_one_event_does_is_one_step(history, session):
    before = seen(session)
    session.select(7)
    session.show_layer("prior", False)
    session.colour_by("kl")
    settle()
    assert history.stack.count() == 1
    history.undo()
    assert seen(session) == before


def test_a_hover_is_no_step(history, session):
    for x in np.linspace(0, 1, 10):
        session.set_peek(np.array([x, 0.0]))
        settle()
    assert history.stack.count() == 0


def test_undo_in_the_midst_of_a_drag_goes_back_to_where_it_began(history, session):
    session.gesture_began.emit(False)
    session.set_probe(np.array([1.0, 1.0]))
    history.undo()
    assert session.probe.tolist() == [0.0, 0.0]
    session.set_probe(np.array([2.0, 1.0]))
    session.gesture_ended.emit()
    history.undo()
    assert session.probe.tolist() == [0.0, 0.0]


def test_digits_that_come_late_do_not_split_a_drag(make_model, qapp):
    from vae_gui.state.session import Session

    session = Session()
    session.set_model(make_model())
    history = History(session, {}, session)
    settle()
    session.gesture_began.emit(False)
    session.set_probe(np.array([1.0, 0.0]))
    session.set_digits(make_digits())
    session.set_probe(np.array([2.0, 0.0]))
    session.gesture_ended.emit()
    assert history.stack.count() == 1


def test_going_through_digits_of_more_dimensions_brings_the_plane_back(make_model, qapp):
    from vae_gui.state.session import Session

    session = Session()
    session.set_model(make_model(5))
    session.set_digits(make_digits(5))
    history = History(session, {}, session)
    settle()
    states = [seen(session)]
    for index in (3, 8, 20):
        session.select(index)
        settle()
        states.append(seen(session))
    assert states[-1][2] == 20
    for state in states[-2::-1]:
        history.undo()
        assert seen(session) == state


def test_the_number_of_steps_is_bounded(history, session):
    for index in range(MOST_STEPS + 30):
        session.select(index % 7)
        settle()
    assert history.stack.count() == MOST_STEPS


def test_a_random_walk_goes_back_and_forth(history, session, clock):
    numbers = np.random.default_rng(3)
    states = [seen(session)]
    acts = (
        lambda: session.set_probe(numbers.normal(size=2)),
        lambda: session.select(int(numbers.integers(200))),
        lambda: session.toggle_class(int(numbers.integers(10))),
        lambda: session.solo_class(int(numbers.integers(10))),
        lambda: session.set_layer("prior", LayerState(True, float(numbers.uniform()))),
        lambda: session.show_layer("test", not session.is_shown("test")),
        lambda: session.colour_by(str(numbers.choice(["elbo", "kl", "spread"]))),
    )
    for _ in range(60):
        acts[numbers.integers(len(acts))]()
        settle()
        clock.now += 1.0
        if seen(session) != states[-1]:
            states.append(seen(session))
    for state in states[-2::-1]:
        history.undo()
        assert seen(session) == state
    for state in states[1:]:
        history.redo()
        assert seen(session) == state


def test_a_scene_tells_every_part_of_itself_apart(session):
    before = Scene.of(session)
    assert before.is_same_as(Scene.of(session))
    session.layers["test"] = LayerState(True)
    assert not before.is_same_as(Scene.of(session))
