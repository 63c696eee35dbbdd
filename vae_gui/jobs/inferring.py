"""The job that keeps p(z | what is on the canvas) up to date: under the brush, and at rest."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from model.latent.decode_table import LIMIT, SIDE, DecodeTable, Floats
from model.latent.evidence import Evidence
from model.latent.plane_posterior import heat
from model.latent.running_score import RunningScore
from vae_gui.jobs.inference_by_draws import Request, estimates
from vae_gui.jobs.inference_steps import (
    Progress,
    Question,
    Shares,
    Whole,
    answer,
    make_tables,
)
from vae_gui.jobs.worker import Job, Worker
from vae_gui.state.encoded import EncodedImages, OpenModel
from vae_gui.state.inference import Heat, Numbers, Pictures
from vae_gui.state.pixel_map import PixelInformation
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace

REST_MS = 120  # without a stroke, until numbers are computed
WEIGHTS_REST_MS = 400  # without other weights, until a table of these is made
MOST_ROWS = 80  # of the table that the GUI thread adds by itself: 3 ms
MOST_NOISY_ROWS = 12


class Inferring(QObject):
    """Sums what a hand draws over the plane.

    A brush stroke adds a few rows of the model's table in the GUI thread, which takes less than a
    millisecond. A digit, a mask or another flip rate changes hundreds: these a worker adds. When
    the hand rests, the worker computes what is printed. Other weights need another table, which
    is made when they have stayed for a moment.

    Signals:
        failed (str, Exception): a sentence for the user, and what is behind it.
    """

    failed = Signal(str, Exception)

    def __init__(
        self,
        workspace: Workspace,
        viewpoint: Viewpoint,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._observation = workspace.observation
        self._pending = workspace.pending
        self._document = viewpoint.document
        self._inference = viewpoint.inference
        self._side = SIDE
        self._worker: Worker | None = None  # of what is on the canvas
        self._tables: Worker | None = None  # of the model
        self._running: RunningScore | None = None
        self._shares: Shares | None = None
        self._whole: Whole | None = None
        self._seed = 0
        self._is_summing = False  # a worker adds hundreds of rows: let it end
        self._began = 0.0
        self._is_closed = False
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._rest.timeout.connect(self._find)
        self._weights_rest = QTimer(self, interval=WEIGHTS_REST_MS, singleShot=True)
        self._weights_rest.timeout.connect(self._make_table)
        self._observation.changed.connect(self._follow)
        self._document.weights_replaced.connect(self._forget)
        self._document.model_changed.connect(self._begin_anew)
        for signal in (self._document.training_changed, self._document.test_changed):
            signal.connect(self._take_images)
        self._inference.wanted_changed.connect(self._want)
        self._inference.pixel_map.switched.connect(self._take_images)

    def draw_again(self) -> None:
        """Draw other images from the same posterior."""
        self._seed += 1
        self._find()

    def close(self) -> None:
        """The window goes."""
        self._is_closed = True
        self._rest.stop()
        self._weights_rest.stop()
        self._pending.set_working(self, False)

    # The table

    def _want(self) -> None:
        is_coming = self._weights_rest.isActive() or (
            self._tables is not None and self._tables.busy
        )
        if self._inference.is_wanted and self._inference.table is None and not is_coming:
            self._make_table()

    def _forget(self) -> None:
        """The table is of weights that are gone: let its memory go at once."""
        self._rest.stop()
        for worker in (self._worker, self._tables):
            if worker is not None:
                worker.cancel()
        self._running = self._shares = self._whole = None
        self._is_summing = False
        self._inference.take_table(None)

    def _begin_anew(self) -> None:
        self._forget()
        if self._inference.is_wanted:
            self._weights_rest.start()
            self._inference.tell("")
            self._tell_whether_working()

    def _make_table(self) -> None:
        model = self._document.model
        if self._is_closed:
            return
        if model is None:
            self._inference.tell("Open a model to infer with it.")
        elif model.latent_dim != 2:
            count = f"{model.latent_dim} latent dimension{'s' * (model.latent_dim > 1)}"
            self._inference.tell(
                f"This model has {count}: the exact posterior is a sum over a plane of two. Here "
                "it is estimated from draws, and not shown in the plane."
            )
            self._find()
        else:
            self._began = time.monotonic()
            side = self._side
            if self._tables is None:
                self._tables = self._hire()
            self._tables.start(lambda: make_tables(model, side), self._take_table, self._fail)
        self._tell_whether_working()

    def _take_table(self, result: object) -> None:
        if isinstance(result, Progress):
            which = "coarsely" if self._inference.table is None else "finely"
            percent = f"{100.0 * result.fraction:.0f} %"
            self._inference.tell(f"Decoding the plane {which} … {percent}")
            return
        assert isinstance(result, DecodeTable)
        if self._worker is not None:
            self._worker.cancel()
        took, megabytes = time.monotonic() - self._began, result.bytes / 1e6
        self._running = self._shares = None
        self._is_summing = False
        self._inference.take_table(result, is_whole=result.side == self._side)
        if result.side == self._side:
            points = f"{result.side} × {result.side}"
            self._inference.tell(f"Table of {points}: {megabytes:.0f} MB, {took:.1f} s")
        self._find()

    # The hand

    def _follow(self) -> None:
        """Something else is on the canvas."""
        running, evidence = self._running, self._observation.evidence
        if running is None:
            self._follow_without_a_table()
            return
        if self._is_summing:
            self._inference.leave_numbers()
            return
        rows = running.rows_to_see(evidence)
        if rows <= (MOST_ROWS if evidence.flip == 0.0 else MOST_NOISY_ROWS):
            if self._worker is not None:
                self._worker.cancel()
            running.see(evidence)
            self._show_heat(running)
            self._rest.start()
        else:
            self._inference.leave_numbers()
            self._find()
            self._is_summing = True
        self._tell_whether_working()

    def _follow_without_a_table(self) -> None:
        """Estimate when the hand rests, where there is no plane; else a table is on its way."""
        model = self._document.model
        self._inference.leave_numbers()
        if self._inference.is_wanted and model is not None and model.latent_dim != 2:
            if self._worker is not None:
                self._worker.cancel()
            self._rest.start()
            self._tell_whether_working()

    def _show_heat(self, running: RunningScore) -> None:
        is_prior = not running.evidence.known.any()
        self._inference.move(Heat(heat(running), LIMIT, is_prior))

    # The rest

    def _find(self) -> None:
        """Compute what is printed."""
        self._rest.stop()
        model, table = self._document.model, self._inference.table
        training = self._document.training
        if self._is_closed or model is None:
            return
        self._is_summing = False
        evidence, truth = self._observation.evidence, self._observation.sketch.truth
        images = training if training is not None else self._document.test
        if model.latent_dim != 2:
            self._estimate(model, evidence, truth, images)
        elif table is not None:
            ask = Question(
                model,
                table,
                evidence,
                truth,
                images,
                self._shares,
                self._whole,
                self._seed,
                self._inference.pixel_map.is_on,
            )
            self._start(lambda: answer(ask), self._take)
        self._tell_whether_working()

    def _estimate(
        self,
        model: OpenModel,
        evidence: Evidence,
        truth: Floats | None,
        images: EncodedImages | None,
    ) -> None:
        """The same without a plane."""
        ask = Request(model, evidence, truth, images, self._seed)
        self._start(lambda: estimates(ask), self._take)

    def _take(self, result: object) -> None:
        if isinstance(result, RunningScore):
            self._take_sums(result)
        elif isinstance(result, Shares):
            self._shares = result
        elif isinstance(result, Whole):
            self._whole = result
        elif isinstance(result, Pictures):
            self._inference.show_pictures(result)
        elif isinstance(result, PixelInformation):
            self._inference.pixel_map.show(result)
        elif isinstance(result, Numbers):
            self._inference.show_numbers(result)

    def _take_sums(self, running: RunningScore) -> None:
        """The sums of what is on the canvas, made afresh: small errors of many strokes are gone."""
        is_new = self._running is None or self._running.rows_to_see(running.evidence) > 0
        self._running, self._is_summing = running, False
        if is_new:
            self._show_heat(running)
        if running.evidence is not self._observation.evidence:
            self._follow()

    def _take_images(self) -> None:
        """Images are encoded, or gone: labels are read from them."""
        has_begun = self._inference.table is not None or self._inference.pictures is not None
        if has_begun and not self._rest.isActive():
            self._find()

    def _start(self, job: Job, on_result: Callable[[object], None]) -> None:
        if self._worker is None:
            self._worker = self._hire()
        self._worker.start(job, on_result, self._fail)

    def _hire(self) -> Worker:
        made = Worker(self)
        made.busy_changed.connect(self._tell_whether_working)
        return made

    def _fail(self, error: Exception) -> None:
        self._is_summing = False
        self._inference.tell("The posterior could not be computed.")
        self.failed.emit(f"The posterior could not be computed: {error}.", error)

    def _tell_whether_working(self) -> None:
        workers = [worker for worker in (self._worker, self._tables) if worker is not None]
        is_busy = any(worker.busy for worker in workers)
        waits = self._rest.isActive() or self._weights_rest.isActive()
        self._pending.set_working(self, is_busy or waits)
