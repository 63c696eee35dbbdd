import ctypes

import pytest

from vae_gui.app import display


@pytest.fixture(autouse=True)
def linux_without_anything(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(variable, raising=False)
    lack(monkeypatch)


def lack(monkeypatch, *libraries):
    """Let all libraries be there but these; that of X11 itself is the real one."""
    real = ctypes.CDLL

    def load(name):
        if name in libraries:
            raise OSError(name)
        return real(name) if name == "libxcb.so.1" else None

    monkeypatch.setattr("ctypes.CDLL", load)


def test_without_a_display_it_says_so_and_what_to_do():
    assert "no display" in display.problem()
    assert "--screenshot" in display.problem()


@pytest.mark.parametrize("platform", ["offscreen", "minimal", "vnc:size=800x600", "offscreen;xcb"])
def test_a_platform_without_a_display_may_be_asked_for(monkeypatch, platform):
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    assert display.problem() is None


def test_asking_for_x11_without_a_display_is_noticed(monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert "DISPLAY is not set" in display.problem()


def test_a_display_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":4242")
    assert ":4242" in display.problem()
    assert "does not answer" in display.problem()


def test_missing_libraries_are_named_as_packages(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    lack(monkeypatch, "libxcb-icccm.so.4", "libxcb-keysyms.so.1")
    assert "apt install libxcb-icccm4 libxcb-keysyms1" in display.problem()


def test_without_qts_own_libraries_even_offscreen_is_refused(monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    lack(monkeypatch, "libEGL.so.1")
    assert display.problem().endswith("apt install libegl1")


def test_a_wayland_compositor_that_listens_is_enough(monkeypatch, tmp_path):
    import socket

    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("wayland-9")
        monkeypatch.setenv("XDG_RUNTIME_DIR", ".")
        monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-9")
        assert display.problem() is not None
        server.listen()
        assert display.problem() is None
        monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-8")
        assert display.problem() is not None


def test_other_systems_are_not_looked_at(monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    assert display.problem() is None


def test_a_compositor_that_does_not_answer_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("QT_QPA_PLATFORM", "wayland")
    assert "WAYLAND_DISPLAY is not set" in display.problem()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-9")
    assert "wayland-9 that WAYLAND_DISPLAY names does not answer" in display.problem()


def test_a_platform_that_qt_does_not_have_is_named(monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "nonsense")
    assert "'nonsense'" in display.problem()
