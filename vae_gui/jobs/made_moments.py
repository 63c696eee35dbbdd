"""The moments of a timeline that are ready to be shown, in a bounded part of the memory."""

from collections.abc import Container, Iterator

from vae_gui.jobs.snapshot_encoding import MadeMoment

Key = tuple[int, tuple[int, ...]]
"""The step of a moment, and the version of its file."""


class MadeMoments:
    """Keeps moments by their keys. Where there is no room for all, the newest comer makes room.

    First those leave that were made although there was no room, the earliest first; then others,
    the latest first.
    """

    def __init__(self, room: int) -> None:
        """Keep as many as take `room` bytes, and always the newest."""
        self._room = room
        self._made: dict[Key, MadeMoment] = {}
        self._guests: list[Key] = []  # made because they were wanted, where there was no room
        self._largest = 0
        self.bytes = 0
        """What they take of the memory."""

    def __contains__(self, key: Key) -> bool:
        return key in self._made

    def __iter__(self) -> Iterator[Key]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)

    @property
    def has_room(self) -> bool:
        """Whether one more fits, as large as the largest so far."""
        return self.bytes + self._largest <= self._room

    def get(self, key: Key) -> MadeMoment | None:
        """The moment with a key, if it is ready."""
        return self._made.get(key)

    def keep(self, key: Key, made: MadeMoment) -> None:
        """Take one more, and let others go where there is no room."""
        self._drop(key)
        if self.bytes + made.bytes > self._room:
            self._make_room(made.bytes)
            self._guests.append(key)
        self._made[key] = made
        self.bytes += made.bytes
        self._largest = max(self._largest, made.bytes)

    def keep_only(self, keys: Container[Key]) -> None:
        """Let those go that have other keys."""
        for key in [key for key in self._made if key not in keys]:
            self._drop(key)

    def clear(self) -> None:
        """Let all go."""
        self._made.clear()
        self._guests.clear()
        self.bytes = self._largest = 0

    def _make_room(self, needed: int) -> None:
        for key in [*self._guests, *reversed(self._made)]:
            if self.bytes + needed <= self._room:
                return
            self._drop(key)

    def _drop(self, key: Key) -> None:
        made = self._made.pop(key, None)
        if made is not None:
            self.bytes -= made.bytes
        if key in self._guests:
            self._guests.remove(key)
