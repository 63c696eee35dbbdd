"""Files dragged over the window and dropped: copies, one at a time, announced on the plane."""

import pytest
from gui_helpers import settle
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from shown_window import shown_window

from vae_gui.style import theme

COPY, MOVE, LINK = Qt.DropAction.CopyAction, Qt.DropAction.MoveAction, Qt.DropAction.LinkAction
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier  # by which a hand asks for a move
ALL = COPY | MOVE | LINK


@pytest.fixture
def window(qtbot, quick_digits):
    with shown_window(qtbot, (1300, 800)) as made:
        yield made


def files(*paths):
    return addresses(*(QUrl.fromLocalFile(str(path)) for path in paths))


def addresses(*urls):
    data = QMimeData()
    data.setUrls(list(urls))
    return data


def drag(window, data, actions=ALL, keys=NONE):
    """Drag over the window as a file manager does; returns the two events, answered."""
    events = [
        QDragEnterEvent(QPoint(50, 50), actions, data, LEFT, keys),
        QDragMoveEvent(QPoint(60, 60), actions, data, LEFT, keys),
    ]
    for event in events:
        event.ignore()
        QApplication.sendEvent(window, event)
    return events


def drop(window, data, actions=ALL, keys=NONE):
    event = QDropEvent(QPointF(60, 60), actions, data, LEFT, keys)
    event.ignore()
    QApplication.sendEvent(window, event)
    return event


def drag_and_drop(window, data, actions=ALL, keys=NONE):
    """Returns whether the window takes it, and asserts that it takes a copy and says the same."""
    answers = [event.isAccepted() for event in drag(window, data, actions, keys)]
    assert len(set(answers)) == 1
    if answers[0]:
        event = drop(window, data, actions, keys)
        assert event.isAccepted()
        assert event.dropAction() == COPY
    return answers[0]


@pytest.mark.slow
@pytest.mark.parametrize("actions", [COPY, COPY | MOVE, ALL])
@pytest.mark.parametrize("keys", [NONE, SHIFT])
def test_a_dropped_checkpoint_opens_as_a_copy(window, make_model, qtbot, actions, keys):
    path = make_model(name="dropped.safetensors").path
    data = files(path)
    for event in drag(window, data, actions, keys):
        assert event.dropAction() == COPY
    with qtbot.waitSignal(window.opening.finished):
        assert drag_and_drop(window, data, actions, keys)
    assert window.workspace.document.model.path == path
    assert path.exists()
    assert window.messages.isHidden()


@pytest.mark.parametrize("actions", [MOVE, LINK, MOVE | LINK])
def test_a_source_that_offers_no_copy_is_refused(window, make_model, actions):
    path = make_model().path
    data = files(path)
    assert not drag_and_drop(window, data, actions)
    assert window.drop_sign.isHidden()
    assert not drop(window, data, actions).isAccepted()
    settle()
    assert window.workspace.document.model is None


def test_a_dropped_bad_file_says_a_sentence(window, qtbot, tmp_path):
    bad = tmp_path / "notes.txt"
    bad.write_text("hello")
    with qtbot.waitSignal(window.opening.failed):
        assert drag_and_drop(window, files(bad))
    assert "notes.txt" in window.messages.text.text()
    assert window.messages.more.isVisible()


def test_of_several_files_the_first_is_opened_and_a_sentence_says_so(window, make_model, qtbot):
    first, second = (make_model(name=f"{name}.safetensors").path for name in ("one", "two"))
    with qtbot.waitSignal(window.opening.finished):
        assert drag_and_drop(window, files(first, second))
    assert window.workspace.document.model.path == first
    assert window.messages.isVisible()
    text = window.messages.text.text()
    assert "2 files were dropped" in text
    assert "one.safetensors" in text
    assert text.endswith(".")
    assert not window.messages.more.isVisible()  # there are no details
    with qtbot.waitSignal(window.opening.finished):
        window.open(second)
    assert window.messages.isHidden()


def test_if_the_first_of_several_is_bad_the_error_is_what_is_said(window, make_model, qtbot):
    good = make_model().path
    bad = good.with_name("notes.txt")
    bad.write_text("hello")
    with qtbot.waitSignal(window.opening.failed):
        assert drag_and_drop(window, files(bad, good))
    assert window.messages.text.text().startswith("notes.txt cannot be opened")
    assert window.messages.more.isVisible()


@pytest.mark.parametrize(
    "urls",
    [
        [],
        ["https://example.org/model.safetensors"],
        ["file:///nowhere/at/all.safetensors"],
        ["file://"],
        ["data:,hello"],
        ["file:///" + 300 * "a"],
    ],
)
def test_what_is_no_file_of_this_machine_is_not_taken(window, urls):
    assert not drag_and_drop(window, addresses(*map(QUrl, urls)))
    text = QMimeData()
    text.setText("/etc/hostname")
    assert not drag_and_drop(window, text)
    assert window.drop_sign.isHidden()


def test_what_is_not_on_this_machine_is_passed_over(window, make_model, qtbot):
    path = make_model().path
    web, here = QUrl("https://example.org/a.safetensors"), QUrl.fromLocalFile(str(path))
    with qtbot.waitSignal(window.opening.finished):
        assert drag_and_drop(window, addresses(web, here))
    assert window.workspace.document.model.path == path
    assert window.messages.isHidden()


def has_frame(window):
    """Whether the plane has a frame in the accent on all four sides, by its pixels."""
    image = window.plane.grab().toImage()
    right, low = image.width() - 2, image.height() - 2
    middle = image.width() // 2, image.height() // 2
    places = ((1, middle[1]), (right, middle[1]), (middle[0], 1), (middle[0], low))
    return all(image.pixelColor(*place) == QColor(theme.LIGHT.accent) for place in places)


def test_the_plane_shows_that_it_would_take_the_drop(window, make_model, tmp_path):
    sign, path = window.drop_sign, make_model().path
    assert not has_frame(window)
    drag(window, files(path))
    assert sign.isVisible()
    assert sign.text == "Drop to open tiny.safetensors"
    assert sign.geometry() == window.plane.rect()
    assert has_frame(window)
    QApplication.sendEvent(window, QDragLeaveEvent())
    settle()
    assert sign.isHidden()
    assert not has_frame(window)
    drag(window, files(tmp_path, path))
    assert sign.text == f"Drop to open {tmp_path.name}, the first of 2"
    window.resize(1200, 700)
    settle()
    assert sign.geometry() == window.plane.rect()


def test_the_sign_goes_with_the_drop(window, make_model, qtbot):
    data = files(make_model().path)
    with qtbot.waitSignal(window.opening.finished):
        assert drag_and_drop(window, data)
    assert window.drop_sign.isHidden()


def test_a_long_name_leaves_the_sign_inside_the_plane(window, tmp_path):
    path = tmp_path / (200 * "m" + ".safetensors")
    path.touch()
    drag(window, files(path))
    settle()
    image = window.drop_sign.grab().toImage()
    middle = image.height() // 2
    ground = image.pixelColor(8, middle)
    assert ground != QColor(theme.LIGHT.accent)
    assert image.pixelColor(image.width() - 9, middle) == ground
    assert image.pixelColor(image.width() // 4, middle - 10) == QColor(theme.LIGHT.accent)


def test_the_hand_reaches_through_the_sign(window):
    drag(window, files("/"))
    assert window.childAt(window.plane.geometry().center()) is not window.drop_sign
