import threading
import time
import weakref

import pytest
from gui_helpers import settle

from vae_gui.jobs.worker import Worker


@pytest.fixture
def worker(qtbot):
    made = Worker()
    yield made
    made.close()
    made.join()


def fail(error):
    raise AssertionError(f"unexpected {error!r}")


def test_results_arrive_in_order_in_the_gui_thread(worker, qtbot):
    got = []

    def job():
        yield threading.current_thread()
        yield 2

    worker.start(job, lambda result: got.append((result, threading.current_thread())), fail)
    qtbot.waitUntil(lambda: len(got) == 2)
    assert got[0][0] is not threading.main_thread()
    assert got[1][0] == 2
    assert all(thread is threading.main_thread() for _, thread in got)


def test_a_worker_at_rest_holds_nothing_of_its_last_job(worker, qtbot):
    class Thing:
        pass

    seen = []

    def start():
        thing = Thing()
        seen.append(weakref.ref(thing))

        def job():
            yield thing

        worker.start(job, lambda _: None, fail)

    start()
    qtbot.waitUntil(lambda: not worker.busy)
    qtbot.waitUntil(lambda: seen[0]() is None)


def test_busy_until_the_job_is_done(worker, qtbot):
    changes = []
    worker.busy_changed.connect(changes.append)
    worker.start(lambda: (n for n in [1]), lambda _: None, fail)
    assert worker.busy
    qtbot.waitUntil(lambda: not worker.busy)
    assert changes == [True, False]


def test_an_error_arrives_once_and_the_worker_lives_on(worker, qtbot):
    errors, results = [], []

    def broken():
        yield 1
        raise ValueError("broken")

    worker.start(broken, results.append, errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert [str(error) for error in errors] == ["broken"]
    worker.start(lambda: (n for n in [2]), results.append, fail)
    qtbot.waitUntil(lambda: results == [1, 2])


def test_the_newest_job_wins_and_jobs_between_never_run(worker, qtbot):
    release, started, ran, got = threading.Event(), threading.Event(), [], []

    def slow():
        started.set()
        release.wait(10)
        yield "stale"

    def make(number):
        def job():
            ran.append(number)
            yield number

        return job

    worker.start(slow, got.append, fail)
    assert started.wait(10)
    for number in range(100):
        worker.start(make(number), got.append, fail)
    release.set()
    qtbot.waitUntil(lambda: not worker.busy)
    assert got == [99]
    assert ran == [99]


def test_a_result_on_its_way_is_dropped_when_its_job_is_cancelled(worker, qtbot):
    got, sent = [], threading.Event()

    def job():
        yield "stale"
        sent.set()

    worker.start(job, got.append, fail)
    assert sent.wait(10)  # the result waits in this thread's queue, which has not run
    worker.start(lambda: (n for n in ["fresh"]), got.append, fail)
    qtbot.waitUntil(lambda: not worker.busy)
    assert got == ["fresh"]


def test_cancelling_stops_between_two_yields_and_runs_finally(worker, qtbot):
    started, cleaned, go_on = threading.Event(), threading.Event(), threading.Event()

    def job():
        started.set()
        try:
            while True:
                go_on.wait(10)
                yield None
        finally:
            cleaned.set()

    worker.start(job, lambda _: None, fail)
    assert started.wait(10)
    worker.close()
    go_on.set()
    worker.join()
    assert cleaned.is_set()


def test_closing_at_once_leaves_no_thread(qtbot):
    for _ in range(20):
        worker = Worker()
        worker.start(lambda: (n for n in [1]), lambda _: None, fail)
        worker.close()
        worker.join()
    assert not [thread for thread in threading.enumerate() if thread.name == "worker"]
    settle()


def test_no_result_after_close(qtbot):
    got, sent = [], threading.Event()

    def job():
        yield 1
        sent.set()
        time.sleep(0.01)
        yield 2

    worker = Worker()
    worker.start(job, got.append, fail)
    assert sent.wait(10)
    worker.close()
    worker.join()
    settle()
    assert got == []


def test_a_closed_worker_is_at_rest_and_takes_no_job(qtbot):
    worker, changes, ran = Worker(), [], []
    worker.busy_changed.connect(changes.append)
    worker.start(lambda: (n for n in [1]), lambda _: None, fail)
    worker.close()
    assert not worker.busy
    assert changes == [True, False]
    worker.join()
    worker.start(lambda: (ran.append(n) for n in [2]), lambda _: None, fail)
    assert not worker.busy
    settle()
    assert changes == [True, False]
    assert not ran
