"""A small window whose files can be dragged out, as from a file manager.

    python drag_source.py X Y FILE...

Prints a line of JSON when it is on the screen, whenever the window under the cursor takes or
refuses the files, and when the drag has ended.
"""

import json
import sys

from PySide6.QtCore import QMimeData, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


class Source(QLabel):
    """Starts a drag when the mouse moves with the left button held."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__("drag me")
        self._paths = paths
        self._dragging = False
        self.setFixedSize(120, 120)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        self._dragging = True
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path) for path in self._paths])
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.actionChanged.connect(lambda action: tell("action", action.name))
        # As a file manager does within one disk: it would rather move, and deletes what was moved.
        copy, move = Qt.DropAction.CopyAction, Qt.DropAction.MoveAction
        result = drag.exec(copy | move, move)
        self._dragging = False
        tell("end", result.name)


def tell(event: str, what: str = "") -> None:
    print(json.dumps({"event": event, "what": what}), flush=True)


def main() -> int:
    application = QApplication(["drag-source"])
    source = Source(sys.argv[3:])
    source.move(int(sys.argv[1]), int(sys.argv[2]))
    source.show()
    QTimer.singleShot(0, lambda: tell("ready"))
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
