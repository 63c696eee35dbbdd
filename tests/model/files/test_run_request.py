from pathlib import Path

import pytest

from model.files.run_request import (
    PERIOD,
    Request,
    RequestReader,
    make_request,
    read_request,
    withdraw_request,
)


@pytest.mark.parametrize("request_", list(Request))
def test_a_request_is_read_until_it_is_withdrawn(tmp_path: Path, request_: Request) -> None:
    path = tmp_path / "request"
    assert read_request(path) is None
    make_request(path, request_)
    assert read_request(path) is request_
    withdraw_request(path)
    withdraw_request(path)
    assert read_request(path) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"explode", b"\xff\x00stop", b"stop" * 1000])
def test_what_is_unknown_asks_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "request").write_bytes(content)
    assert read_request(tmp_path / "request") is None


def test_a_folder_that_is_gone_cannot_be_asked(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        make_request(tmp_path / "gone" / "request", Request.STOP)


def test_a_training_looks_seldom_and_hears_of_it(tmp_path: Path) -> None:
    now, path = 5.0, tmp_path / "request"
    reader = RequestReader(path, lambda: now)
    make_request(path, Request.PAUSE)
    assert reader.latest() is None
    now += 2 * PERIOD
    assert reader.latest() is Request.PAUSE
    withdraw_request(path)
    assert reader.latest() is Request.PAUSE
    now += 2 * PERIOD
    assert reader.latest() is None
