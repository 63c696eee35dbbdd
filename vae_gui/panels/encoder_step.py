"""What becomes of an image in a VAE: the image, its q(z|x), the decoded image, the difference."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from vae_gui.panels.point_text import numbers
from vae_gui.state.encoded import Array
from vae_gui.state.glossary import explained
from vae_gui.state.slice import Slice
from vae_gui.style.colour_maps import signed
from vae_gui.style.labels import label
from vae_gui.style.scales import with_minus
from vae_gui.widgets.digit_view import SIDE, DigitView

PICTURE = 3 * SIDE
DECIMALS, IN_TOOLTIP = 3, 6
LARGE = 1000.0  # from here on, a number is written with a power of ten
MOST = 20  # dimensions that a tooltip lists, one a line
CAPTIONS = ("digit", "mean ± sd", "decoded", "difference")
TIPS = (
    "The grey image x; the encoder saw it binarised once, seed 0.",
    "The encoder's answer to the image: the mean and the standard deviation of q(z|x).",
    "The decoder's mean for that z, from black (0) to white (1): the reconstruction.",
    "Original minus reconstruction: red where the original has more ink (+1), blue where it has "
    "less (−1), black where they agree.",
)


class EncoderStep(QWidget):
    """The image, an arrow, mean and standard deviation, an arrow, what is decoded; the difference.

    The middle lists the coordinates along the axes of the plane; its tooltip lists all of them.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.original = DigitView("Original", PICTURE)
        self.posterior = label("text", wrap=False)
        self.decoded = DigitView("Reconstruction", PICTURE)
        self.difference = DigitView("Original minus reconstruction", PICTURE, signed(True))
        self.posterior.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.captions = [label("caption", caption, wrap=False) for caption in CAPTIONS]
        self._lay_out()

    def show_posterior(self, slice_: Slice, mean: Array, deviation: Array) -> None:
        """Show q(z|x): mean and standard deviation (D,)."""
        along = slice_.along(mean), slice_.deviations_along(deviation)
        pairs = zip(*(values.tolist() for values in along), strict=True)
        self.posterior.setText("\n\n".join(f"{_short(m)}\n±{_short(s)}" for m, s in pairs))
        self.posterior.setToolTip("\n".join([self._tip(1), *_lines(mean, deviation)]))
        self.captions[1].setText(", ".join(slice_.names) if slice_.is_cut else CAPTIONS[1])

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.setHorizontalSpacing(1)
        parts: list[QWidget] = [self.original, self.posterior, self.decoded, self.difference]
        middle = Qt.AlignmentFlag.AlignHCenter
        for column, part in zip((0, 2, 4, 6), parts, strict=True):
            grid.addWidget(part, 0, column, Qt.AlignmentFlag.AlignCenter)
        for column in (1, 3):
            grid.addWidget(_arrow(), 0, column, Qt.AlignmentFlag.AlignCenter)
        for column in (1, 3, 5):
            grid.setColumnStretch(column, 1)
        places = ((0, 1), (1, 3), (4, 1), (6, 1))
        for caption, (column, span) in zip(self.captions, places, strict=True):
            grid.addWidget(caption, 1, column, 1, span, middle)
        for index, (part, caption) in enumerate(zip(parts, self.captions, strict=True)):
            for one in (part, caption):
                one.setToolTip(self._tip(index))

    def _tip(self, index: int) -> str:
        return explained(TIPS[index], TIPS[index])


def _arrow() -> QLabel:
    return label("caption", "→", wrap=False)


def _short(value: float) -> str:
    return with_minus(f"{value:.{DECIMALS}f}" if abs(value) < LARGE else f"{value:.0e}")


def _lines(mean: Array, deviation: Array) -> list[str]:
    """Mean and standard deviation along each axis, a line each; no more than are read."""
    pairs = zip(numbers(mean, IN_TOOLTIP), numbers(deviation, IN_TOOLTIP), strict=True)
    lines = [f"z{axis}: {m} ± {s}" for axis, (m, s) in enumerate(pairs, start=1)]
    rest = len(lines) - MOST
    return lines if rest <= 0 else [*lines[:MOST], f"and {rest} more"]
