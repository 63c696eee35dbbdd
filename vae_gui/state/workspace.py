"""All that a person has open: documents, viewpoints, their appearance, the tool in hand."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from vae_gui.state.appearance import Appearance
from vae_gui.state.comparison import Comparison
from vae_gui.state.document import Document
from vae_gui.state.encoded import EncodedImages
from vae_gui.state.measures import MEASURES, Measure
from vae_gui.state.observation import Observation
from vae_gui.state.pending import Pending
from vae_gui.state.viewpoint import Viewpoint


class Workspace(QObject):
    """Documents, a viewpoint on each, and what they share. There is one of each from the start.

    Signals:
        viewpoints_changed: a document was added, and the viewpoint on it.
        tool_changed: another tool is in the hand.
        gesture_began (bool): the hand takes hold of something; whether it is the second press of
            a double click, which goes on with what the first began.
        gesture_ended: it lets go. All that changed in between was one act.
    """

    viewpoints_changed = Signal()
    tool_changed = Signal()
    gesture_began = Signal(bool)
    gesture_ended = Signal()

    def __init__(
        self,
        tool: str = "probe",
        measures: Mapping[str, Measure] = MEASURES,
        parent: QObject | None = None,
    ) -> None:
        """Begin with an empty document.

        Args:
            tool: the key of the tool in the hand.
            measures: those of the images of each document.
            parent: as Qt has it.
        """
        super().__init__(parent)
        self._measures = measures
        self.appearance = Appearance(self)
        self.pending = Pending(self)
        self.observation = Observation(self)
        self.tool = tool
        self._test: EncodedImages | None = None  # the last images of the first document
        self.documents: list[Document] = []
        self.viewpoints: list[Viewpoint] = []
        self.add_document()
        self.comparison = Comparison(self.viewpoint, self)

    @property
    def document(self) -> Document:
        """The first document."""
        return self.documents[0]

    @property
    def viewpoint(self) -> Viewpoint:
        """The viewpoint on the first document."""
        return self.viewpoints[0]

    def add_document(self) -> Viewpoint:
        """Add an empty document; return the viewpoint on it."""
        document = Document(self._measures, self)
        viewpoint = Viewpoint(document, self.appearance, self)
        if not self.documents:  # one that is compared with the first shows the same classes
            document.test_changed.connect(self._show_all_classes_of_others)
        self.documents.append(document)
        self.viewpoints.append(viewpoint)
        self.viewpoints_changed.emit()
        return viewpoint

    def compare(self) -> Viewpoint:
        """Have a second document to compare with the first; return the viewpoint on it."""
        if len(self.viewpoints) < 2:
            self.comparison.set_second(self.add_document())
        return self.viewpoints[1]

    def take_tool(self, key: str) -> None:
        """Take another tool into the hand."""
        if key != self.tool:
            self.tool = key
            self.tool_changed.emit()

    def _show_all_classes_of_others(self) -> None:
        """Other images have other classes; those of the same images stay hidden in every model."""
        test, before = self.document.test, self._test
        if test is not None:
            self._test = test
            if before is not None and not before.shows_the_same_as(test):
                self.appearance.hide_classes(frozenset())

    def begin_gesture(self, *, goes_on: bool = False) -> None:
        """The hand takes hold of something; `goes_on` at the second press of a double click."""
        self.gesture_began.emit(goes_on)

    def end_gesture(self) -> None:
        """The hand lets go."""
        self.gesture_ended.emit()
