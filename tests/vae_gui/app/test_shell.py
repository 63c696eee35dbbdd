"""What lies around the plane: folding, tools, keys, notices; and all of it without a mouse."""

import numpy as np
import pytest
from gui_helpers import settle
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QKeySequence, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMenu, QWidget

from vae_gui.app.keys_sheet import KeysSheet, groups_of
from vae_gui.app.main_window import MainWindow
from vae_gui.app.status_line import HINT
from vae_gui.plane.tools import GESTURES
from vae_gui.style import theme
from vae_gui.style.icons import NAMES, paint_icon
from vae_gui.widgets.action_words import keys_of, tip_of, title_of

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(qtbot, quick_digits):
    made = MainWindow(theme.ThemeChoice.LIGHT, remember=False)
    qtbot.addWidget(made)
    made.resize(1300, 800)
    made.show()
    qtbot.waitExposed(made)
    made.plane.setFocus()
    settle()
    yield made
    made.close()
    made.join()
    settle()


@pytest.fixture
def opened(window, make_model, qtbot):
    with qtbot.waitSignal(window.opening.finished):
        window.open(make_model().path)
    settle()
    return window


def click(widget, x=None, y=None):
    place = widget.rect().center() if x is None else QPoint(x, y)
    QTest.mouseClick(widget, LEFT, pos=place)
    settle()


def all_actions(window):
    """Every action of the window, found through Qt's own tree of objects."""
    menus = window.menuBar().findChildren(QMenu)
    return [
        action
        for menu in menus
        for action in menu.actions()
        if not action.isSeparator() and action.menu() is None
    ]


# Folding


@pytest.mark.parametrize(("name", "key"), [("left", "L"), ("inspector", "I")])
def test_a_panel_folds_by_mouse_and_by_key_and_the_plane_gets_its_space(window, name, key):
    panel = getattr(window, name)
    handle = window.folds[{"left": "layers"}.get(name, name)]
    before, taken = window.plane.width(), panel.width()
    assert f"Ctrl+{key}" in handle.toolTip()
    assert handle.accessibleName() == f"Fold away the {name} panel"
    click(handle)
    assert panel.isHidden()
    edge = window.edge.handleWidth() if name == "inspector" else 0
    assert window.plane.width() == before + taken + edge
    assert handle.isVisible()
    assert handle.accessibleName() == f"Unfold the {name} panel"
    QTest.keySequence(window.plane, QKeySequence(f"Ctrl+{key}"))
    settle()
    assert panel.isVisible()
    assert window.plane.width() == before
    handle.setFocus()
    QTest.keyClick(handle, Qt.Key.Key_Space)
    assert panel.isHidden()


def test_a_panel_that_others_show_is_unfolded_for_the_menu_too(opened):
    QTest.keyClick(opened.plane, Qt.Key.Key_I, CTRL)
    assert not opened.actions_by_name["inspector"].isChecked()
    QTest.keyClick(opened.plane, Qt.Key.Key_G, CTRL)  # go to test digit
    settle()
    assert opened.inspector.isVisible()
    assert opened.actions_by_name["inspector"].isChecked()
    assert opened.folds["inspector"].accessibleName() == "Fold away the inspector panel"


def test_in_a_narrow_window_a_page_takes_the_place_of_the_inspector(window):
    window.resize(1000, 700)
    settle()
    plane = window.plane.width()
    QTest.keySequence(window.plane, QKeySequence("Ctrl+T"))
    settle()
    assert window.left.isVisible()
    assert not window.inspector.isVisible()
    assert window.plane.width() >= plane  # it is not squeezed
    QTest.keySequence(window.plane, QKeySequence("Ctrl+I"))  # both are wanted
    settle()
    assert window.left.isVisible()
    assert window.inspector.isVisible()
    QTest.keySequence(window.plane, QKeySequence("Ctrl+L"))
    QTest.keySequence(window.plane, QKeySequence("Ctrl+L"))
    settle()
    assert not window.inspector.isVisible()
    QTest.keySequence(window.plane, QKeySequence("Ctrl+L"))
    settle()
    assert not window.left.isVisible()
    assert window.inspector.isVisible()  # it comes back


def test_a_narrow_window_makes_room_once_and_a_wide_one_takes_it_back(window):
    window.resize(900, 600)
    settle()
    assert (window.width(), window.height()) == (900, 600)
    assert window.left.isHidden()
    assert window.plane.width() > window.inspector.width()
    QTest.keyClick(window.plane, Qt.Key.Key_L, CTRL)
    window.resize(1000, 600)
    settle()
    assert window.left.isVisible()  # the user wants it
    window.resize(1300, 600)
    window.resize(1000, 600)
    settle()
    assert window.left.isHidden()
    window.resize(1300, 600)
    settle()
    assert window.left.isVisible()


def test_the_window_can_be_small(opened):
    opened.workspace.appearance.colour_by("kl")
    settle()
    least = opened.minimumSizeHint()
    assert least.width() <= 900
    assert least.height() <= 600


# Tools and keys


def test_the_tools_do_what_the_menu_does(opened):
    buttons = {button.accessibleName(): button for button in opened.tools.buttons}
    width = opened.plane.view().bounds.width
    click(buttons["Zoom in"])
    assert opened.plane.view().bounds.width == pytest.approx(width / 1.25)
    click(buttons["Zoom out"])
    assert opened.plane.view().bounds.width == pytest.approx(width)
    opened.plane.navigation.pan((1.0, 0.0))
    click(buttons["Fit everything"])
    assert opened.plane.view().bounds.width == pytest.approx(width)
    assert not buttons["Undo"].isEnabled()
    QTest.keyClick(opened.plane, Qt.Key.Key_P)
    settle()
    undo = opened.tools.buttons[0]
    assert undo.isEnabled()
    assert undo.toolTip() == "Undo hiding Prior contours (Ctrl+Z)"
    click(undo)
    assert opened.workspace.appearance.is_shown("prior")
    assert opened.tools.buttons[1].toolTip() == (
        "Redo hiding Prior contours (Ctrl+Shift+Z or Ctrl+Y)"
    )


def test_tooltips_name_the_key_of_every_control_that_has_one(opened):
    for button in opened.tools.buttons:
        assert keys_of(button.action)
        assert button.toolTip() == tip_of(button.action)
    for layer in opened.plane.layers.layers:
        assert layer.shortcut in opened.layers.rows[layer.key].toolTip()
    for label, button in enumerate(opened.layers.colours.legend.buttons):
        assert f"({label})" in button.toolTip()
        assert f"(Alt+{label})" in button.toolTip()
    assert "C" in opened.layers.colours.choice.toolTip()
    inspector = opened.inspector
    rows = inspector.probe.decoded_as.buttons, inspector.chosen.from_what.buttons
    tips = [button.toolTip() for row in rows for button in row.values()]
    for tip, key in zip(tips, ("M", "S", "H", "Shift+Q", "Q"), strict=True):
        assert tip.endswith(f"({key})")
    assert "(Ctrl+G)" in inspector.chosen.index.toolTip()


def test_c_goes_through_all_numbers_and_back_to_the_classes(opened):
    seen = []
    for _ in range(opened.layers.colours.choice.count()):
        QTest.keyClick(opened.plane, Qt.Key.Key_C)
        seen.append(opened.workspace.appearance.colouring)
    assert seen[-1] is None
    assert len(set(seen)) == opened.layers.colours.choice.count()


def test_the_sheet_has_every_shortcut_of_the_window_and_every_gesture(opened):
    opened.show_keys()
    sheet = opened.findChild(KeysSheet)
    words = [label.text() for label in sheet.findChildren(QLabel)]
    groups = groups_of(opened.menuBar(), GESTURES)
    rows = [row for group in groups for row in group.rows]
    assert all(row.written in words and row.effect in words for row in rows)
    listed = [key for row in rows for key in row.keys]
    for action in all_actions(opened):
        for sequence in action.shortcuts():
            if not sequence.isEmpty():
                assert sequence.toString(QKeySequence.SequenceFormat.NativeText) in listed
    for gesture, effect in GESTURES:
        assert gesture in words
        assert effect in words
    assert "0 … 9" in words
    sheet.reject()


def test_an_action_that_is_added_stands_in_the_sheet(window):
    menu = window.menuBar().addMenu("&More")
    menu.addMenu("&Deeper").addAction("Do && see…").setShortcut(QKeySequence("Ctrl+Alt+Q"))
    group = groups_of(window.menuBar(), ())[-1]
    assert group.title == "More"
    assert group.rows[0].written == "Ctrl+Alt+Q"
    assert group.rows[0].effect == "Do & see"


def test_no_two_actions_share_a_key(opened):
    made = opened.actions_by_name
    guesses = {made[f"guess_{label}"] for label in range(10)}  # instead of classes, in the game
    actions = [action for action in all_actions(opened) if action not in guesses]
    keys = [key.toString() for action in actions for key in action.shortcuts()]
    keys = [key for key in keys if key]
    assert len(keys) == len(set(keys))


# What to do, what goes on


def test_without_a_model_the_plane_says_what_to_do(window):
    notice = window.notice.label
    assert notice.isVisible()
    assert "Ctrl+O" in notice.text()
    assert "vae-train" in notice.text()


def test_the_notice_follows_the_opening_and_goes_with_the_digits(window, make_model, qtbot):
    notice = window.notice.label
    window.open(make_model().path)
    assert notice.text().startswith("Opening tiny.safetensors")
    with qtbot.waitSignal(window.opening.finished):
        pass
    settle()
    assert notice.isHidden()


def test_a_bad_file_leaves_the_words_that_say_what_to_do(window, qtbot, tmp_path):
    with qtbot.waitSignal(window.opening.failed):
        window.open(tmp_path / "missing.safetensors")
    settle()
    assert "Ctrl+O" in window.notice.label.text()
    assert window.notice.label.isVisible()


def test_the_hand_reaches_through_the_notice(window):
    place = window.notice.label.geometry().center()
    assert window.plane.childAt(place) is not window.notice.label


def test_the_notice_keeps_to_the_plane_when_the_window_changes(window):
    for width in (900, 1300):
        window.resize(width, 600)
        settle()
        assert window.plane.rect().contains(window.notice.label.geometry())


def test_the_foot_shows_the_opener_before_the_measurer_and_then_the_hint(window):
    assert window.status.progress == ""
    window.measuring.progressed.emit("Measuring … 3 %")
    assert window.status.progress == "Measuring … 3 %"
    window.opening.progressed.emit("Opening …")
    assert window.status.progress == "Opening …"
    window.opening.progressed.emit("")
    assert window.status.progress == "Measuring … 3 %"
    assert window.status.accessibleName() == "Measuring … 3 %"
    window.measuring.progressed.emit("")
    assert window.status.progress == ""
    assert window.status.accessibleName() == HINT


def test_progress_is_painted_at_the_right_and_never_over_the_hint(window):
    def ink(image, left, right):
        ground = image.pixel(2, 2)
        columns = range(round(left * image.width()), round(right * image.width()))
        return sum(image.pixel(x, y) != ground for x in columns for y in range(4, 22))

    window.resize(900, 600)
    settle()
    assert ink(window.status.grab().toImage(), 0.9, 1.0) == 0
    window.measuring.progressed.emit("Measuring the test digits … 30 % " * 2)
    image = window.status.grab().toImage()
    assert ink(image, 0.9, 1.0) > 0
    assert ink(image, 0.0, 0.3) > 0


def test_layers_that_wait_for_digits_say_so(window, make_model, qtbot):
    window.workspace.appearance.show_layer("regions", True)
    rows = window.layers.rows
    assert rows["regions"].brief.text() == "no digits yet"
    assert rows["ellipses"].brief.text() == "no digits yet"
    with qtbot.waitSignal(window.opening.finished):
        window.open(make_model().path)
    # The rows follow some twenty times a second.
    qtbot.waitUntil(lambda: rows["ellipses"].brief.text() == "chosen and nearest digit")
    assert rows["regions"].brief.text() == "waits for training digits"


# Without a mouse


def focusable(window):
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.window() is window
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and widget.isVisible()
        and widget.isEnabled()
    ]


def stop_of(widget):
    """What Tab stops at: of a group of which one is down, at one; arrows do the rest."""
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    return group if group is not None and group.exclusive() else widget


def name_of(widget):
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def test_all_that_takes_the_focus_and_all_actions_have_names(opened):
    controls = focusable(opened)
    assert len(controls) > 30
    assert [widget for widget in controls if not name_of(widget)] == []
    actions = all_actions(opened)
    assert len(actions) > 40
    assert [action for action in actions if not title_of(action)] == []


@pytest.mark.parametrize("key", [Qt.Key.Key_Tab, Qt.Key.Key_Backtab])
def test_tab_reaches_every_control_in_the_order_of_the_window(opened, key):
    opened.messages.show_error("Something.", ValueError("x"))
    opened.activateWindow()
    opened.plane.setFocus()
    settle()
    expected = {stop_of(widget) for widget in focusable(opened)}
    reached = []
    while not reached or QApplication.focusWidget() is not opened.plane:
        reached.append(QApplication.focusWidget())
        assert len(reached) <= 2 * len(expected)
        QTest.keyClick(QApplication.focusWidget(), key)
    assert {stop_of(widget) for widget in reached} == expected
    if key == Qt.Key.Key_Tab:
        parts = (opened.plane, opened.tools, opened.layers, opened.inspector)
        firsts = [
            next(i for i, w in enumerate(reached) if w is part or part.isAncestorOf(w))
            for part in parts
        ]
        assert firsts == sorted(firsts)


def test_arrows_go_through_what_is_one_of_several(opened):
    buttons = list(opened.inspector.probe.decoded_as.buttons.values())
    buttons[0].setFocus()
    for button in buttons[1:]:
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
        assert QApplication.focusWidget() is button


def accent_at_the_edge(window):
    """Whether the plane has a frame in the accent, by its pixels."""
    plane = window.plane
    inside = plane.view().rect_of(plane.view().bounds)
    image = plane.grab().toImage()
    accent = QColor(theme.LIGHT.accent)
    place = QPointF(inside.center().x(), inside.top() + 1.0).toPoint()
    return image.pixelColor(place) == accent


def test_the_plane_shows_that_the_keyboard_is_there_and_the_mouse_takes_it_away(opened):
    opened.activateWindow()
    assert not accent_at_the_edge(opened)
    opened.tools.buttons[-1].setFocus()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backtab)
    while QApplication.focusWidget() is not opened.plane:
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backtab)
    settle()
    assert accent_at_the_edge(opened)
    QTest.mouseClick(opened.plane, LEFT)
    settle()
    assert not accent_at_the_edge(opened)
    QTest.keyClick(opened.plane, Qt.Key.Key_Tab)
    settle()
    assert not accent_at_the_edge(opened)


# Colours and icons


def luminance(colour):
    """Of #rrggbb, as WCAG 2.2 defines it."""
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_contrast_is_the_known_one_for_black_and_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_all_text_can_be_read(look):
    for ground in (look.window, look.surface, look.field):
        assert contrast(look.text, ground) >= 7.0
        assert contrast(look.muted, ground) >= 4.5
    for ground in (look.window, look.surface):
        assert contrast(look.accent, ground) >= 4.5  # links, and the frame of the keyboard
    assert contrast(look.on_accent, look.accent) >= 4.5
    assert contrast(look.text, look.warning) >= 4.5


@pytest.mark.parametrize("name", NAMES)
def test_an_icon_stays_in_its_field_and_takes_its_colour(name):
    image = QImage(48, 48, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.scale(2.0, 2.0)
    paint_icon(painter, name, QRectF(0, 0, 24, 24), QColor("#ff0000"))
    painter.end()
    inked = {(x, y) for x in range(48) for y in range(48) if image.pixelColor(x, y).alpha() > 40}
    assert len(inked) > 40
    assert all(8 <= x < 40 and 8 <= y < 40 for x, y in inked)
    full = [image.pixelColor(x, y) for x, y in inked if image.pixelColor(x, y).alpha() == 255]
    assert {colour.name() for colour in full} == {"#ff0000"}


def test_the_tools_have_their_colours_from_the_theme(window):
    button = window.tools.buttons[3]
    seen = {}
    for choice, look in (
        (theme.ThemeChoice.LIGHT, theme.LIGHT),
        (theme.ThemeChoice.DARK, theme.DARK),
    ):
        window.look.choose(choice)
        settle()
        QApplication.sendEvent(button, QEvent(QEvent.Type.Leave))
        image = button.grab().toImage()
        seen[choice] = image.pixelColor(button.width() // 2, button.height() // 2).name()
        assert seen[choice] == look.muted
    assert len(set(seen.values())) == 2
