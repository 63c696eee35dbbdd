"""The sheet of keys and gestures that `?` opens."""

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QVBoxLayout, QWidget

from vae_gui.labels import label

GESTURES = (
    ("Hover", "peek: see the digit under the cursor, until the cursor leaves"),
    ("Click or drag", "move the probe"),
    ("Double-click, Enter", "go to the nearest test digit"),
    ("Arrows", "nudge the probe by 0.05 (Shift: 0.01, Ctrl: 0.5)"),
    ("Wheel, + and −", "zoom, at the cursor or in the middle"),
    ("Middle-drag, Space-drag, Alt+arrows", "pan"),
    ("Home", "fit everything"),
    ("Ctrl+O, or drop a file", "open a checkpoint"),
    ("Ctrl+I", "show or hide the inspector"),
    ("Tab", "go on to the next field"),
    ("?", "this sheet"),
    ("Ctrl+Q", "quit"),
)


class KeysSheet(QDialog):
    """All that the hand can do, on one sheet."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys and gestures")
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(8)
        for row, (gesture, effect) in enumerate(GESTURES):
            grid.addWidget(label("title", gesture, wrap=False), row, 0)
            grid.addWidget(label("text", effect, wrap=False), row, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(20)
        layout.addLayout(grid)
        layout.addWidget(buttons)
