"""Each in a process of its own: there the application is a watched one from the start."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

BEGIN = """
import json, time
from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from vae_gui.app.watchdog import WatchedApplication

class Sleeper(QObject):
    def event(self, event):
        time.sleep(self.seconds)
        return True

class Caller(QObject):
    def event(self, event):
        for _ in range(self.times):
            QApplication.sendEvent(self.other, QEvent(QEvent.Type.User))
        return True

application = WatchedApplication([], 150.0)  # far above what a busy machine adds to nothing
def sleeper(seconds):
    made = Sleeper()
    made.seconds = seconds
    return made
def run():
    for _ in range(20):
        application.processEvents()
"""
END = """
longest = application.blocks.longest
print(json.dumps([application.blocks.count, application.blocks.kinds,
                  longest and [longest.milliseconds, longest.event, longest.longest],
                  application.blocks.worked]))
"""


def watched(code: str) -> tuple[int, dict[str, list[float]], list[object] | None]:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + code + END],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    count, kinds, longest, worked = json.loads(done.stdout)
    assert worked == 0  # to sleep is no work
    return count, kinds, longest


def test_a_handler_that_sleeps_is_found() -> None:
    count, kinds, longest = watched(
        "one = sleeper(0.2); QApplication.postEvent(one, QEvent(QEvent.Type.User)); run()"
    )
    assert count == 1
    assert list(kinds) == ["User of Sleeper"]
    assert longest is not None
    assert float(str(longest[0])) >= 200.0


def test_what_is_within_the_limit_is_not() -> None:
    found = watched(
        "one = sleeper(0.0); QApplication.postEvent(one, QEvent(QEvent.Type.User)); run()"
    )
    assert found == (0, {}, None)


def test_many_short_events_within_one_are_one_block() -> None:
    count, _, longest = watched("""
one, many = sleeper(0.02), Caller()
many.other, many.times = one, 10
QApplication.postEvent(many, QEvent(QEvent.Type.User)); run()
""")
    assert count == 1
    assert longest is not None
    assert longest[1:] == ["User of Caller", "User of Sleeper"]


def test_a_timer_is_found_and_a_dialogs_own_loop_does_not_count() -> None:
    count, kinds, _ = watched("""
loop = QEventLoop()
def wait():
    QTimer.singleShot(0, lambda: time.sleep(0.2))
    QTimer.singleShot(300, loop.quit)
    loop.exec()
    application.quit()
QTimer.singleShot(0, wait)
application.exec()
""")
    assert count == 1  # what slept, not what waited
    assert len(kinds) == 1


@pytest.mark.slow
def test_the_program_tells_what_blocks_it_where_that_is_asked_for() -> None:
    code = """
from vae_gui.app.application import make_application
from vae_gui.app.watchdog import WatchedApplication
application = make_application()
assert isinstance(application, WatchedApplication)
from PySide6.QtCore import QTimer
import time
QTimer.singleShot(0, lambda: (time.sleep(0.05), application.quit()))
application.exec()
"""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "VAE_GUI_WATCHDOG": "20"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert "the window stood still for" in done.stderr
