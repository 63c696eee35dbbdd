"""Which part of the plane is seen first: all images of a model that was opened."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from vae_gui.plane.viewport import Viewport
from vae_gui.state.viewpoint import Viewpoint


class Fitting(QObject):
    """Fits the view to the images of a model that was opened; other weights leave it as it is."""

    def __init__(
        self, viewpoint: Viewpoint, viewport: Viewport, fit: Callable[[], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._viewport = viewport
        self._fit = fit
        document = viewpoint.document
        self._is_fitted = document.test is not None  # to the images of the open model
        document.opened.connect(self._expect_images)
        document.test_changed.connect(self._take_images)

    def _expect_images(self) -> None:
        self._is_fitted = False

    def _take_images(self) -> None:
        self._viewport.reach = self._viewpoint.reach
        if self._viewpoint.document.test is not None and not self._is_fitted:
            self._is_fitted = True
            self._fit()
