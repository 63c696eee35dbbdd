"""Two planes that show the same part at the same scale, whichever of them the hand moves."""

from PySide6.QtCore import QEvent, QObject

from vae_gui.plane.plane_view import PlaneView

_BY_HAND = (
    QEvent.Type.Wheel,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.KeyPress,
    QEvent.Type.FocusIn,
)


class PairedViews(QObject):
    """Has one plane show what the other shows: the same middle, as many pixels a unit.

    The plane that the hand or the keyboard touched last leads. When a plane gets another size, the
    other one follows the leader again, so that nothing drifts.

    Attributes:
        leader: the plane that leads.
    """

    def __init__(self, first: PlaneView, second: PlaneView) -> None:
        super().__init__(second)
        self._pair = (first, second)
        self.leader = first
        self._is_following = False
        for plane in self._pair:
            plane.installEventFilter(self)
            plane.looked.connect(self.follow)

    @property
    def follower(self) -> PlaneView:
        """The other one."""
        return self._pair[1] if self.leader is self._pair[0] else self._pair[0]

    def follow(self) -> None:
        """Show in the other plane what the leader shows."""
        if self._is_following or self._pair[1].isHidden():
            return
        self._is_following = True
        self.follower.viewport.show_like(self.leader.viewport)
        self._is_following = False

    def begin(self) -> None:
        """Let the first plane lead."""
        self.leader = self._pair[0]
        self.follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the plane lead that the hand touches."""
        if event.type() in _BY_HAND and isinstance(watched, PlaneView):
            self.leader = watched
        return False
