"""An application that times each event, to find what blocks the GUI thread.

A test mode. Every event passes `QApplication.notify`, whose call lasts as long as the handling of
the event. In Python this costs 2 µs an event, so it is switched on only by the benchmarks, and in
the program by an environment variable,

    VAE_GUI_WATCHDOG=10 vae-gui

which prints a line for each event that took more than 10 ms.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

VARIABLE = "VAE_GUI_WATCHDOG"
LIMIT_MS = 10.0


@dataclass(frozen=True)
class Block:
    """An event that was handled for longer than the limit.

    Attributes:
        milliseconds: how long.
        worked: how many of them the GUI thread computed. During the others it waited for Python's
            lock or for the processor.
        event: its type and the class of its receiver, such as "Timer of QTimer".
        longest: the longest of the events that were handled within it; empty if there was none.
    """

    milliseconds: float
    worked: float
    event: str
    longest: str

    def __str__(self) -> str:
        """In one line."""
        inner = f", most of it {self.longest}" if self.longest else ""
        return f"{self.milliseconds:.1f} ms ({self.worked:.1f} of work): {self.event}{inner}"


@dataclass
class _Handling:
    """An event that is being handled."""

    receiver: str
    start: float
    worked: float
    loops: int  # event loops that run
    waits: bool = False  # in an event loop of its own, such as that of a dialog
    longest: str = ""
    longest_ms: float = 0.0


@dataclass
class Blocks:
    """The blocks found: their number, how many of them computed for too long, and the longest.

    Attributes:
        kinds: for each event, the number of blocks, the longest in milliseconds, and the most work.
    """

    count: int = 0
    worked: int = 0
    longest: Block | None = None
    kinds: dict[str, tuple[int, float, float]] = field(default_factory=dict)

    def add(self, block: Block, limit_ms: float) -> None:
        """Count one more."""
        self.count += 1
        self.worked += block.worked > limit_ms
        if self.longest is None or block.milliseconds > self.longest.milliseconds:
            self.longest = block
        count, most, work = self.kinds.get(block.event, (0, 0.0, 0.0))
        most, work = max(most, block.milliseconds), max(work, block.worked)
        self.kinds[block.event] = (count + 1, most, work)


class WatchedApplication(QApplication):
    """Times each event that the event loop or a test delivers."""

    def __init__(
        self,
        arguments: list[str],
        limit_ms: float = LIMIT_MS,
        on_block: Callable[[Block], None] | None = None,
    ) -> None:
        self.blocks = Blocks()
        self._limit_ms = limit_ms
        self._on_block = on_block
        self._handled: list[_Handling] = []
        super().__init__(arguments)

    def notify(self, receiver: QObject, event: QEvent) -> bool:
        """Deliver an event and time its handling."""
        loops = self.thread().loopLevel()
        outer = self._handled[-1] if self._handled else None
        if outer is not None and loops > outer.loops:
            for waiting in self._handled:
                waiting.waits = True
            outer = None
        kind = event.type()  # the event, and its receiver, may be gone afterwards
        handling = _Handling(_whose(receiver), time.perf_counter(), time.thread_time(), loops)
        self._handled.append(handling)
        try:
            return super().notify(receiver, event)
        finally:
            self._handled.pop()
            self._judge(handling, kind, outer)

    def _judge(self, handling: _Handling, kind: QEvent.Type, outer: _Handling | None) -> None:
        taken = 1000.0 * (time.perf_counter() - handling.start)
        if handling.waits or taken < 1.0:
            return
        if outer is not None:
            if taken > outer.longest_ms:
                outer.longest_ms = taken
                outer.longest = handling.longest or f"{_name(kind)} of {handling.receiver}"
        elif taken > self._limit_ms:
            worked = 1000.0 * (time.thread_time() - handling.worked)
            event = f"{_name(kind)} of {handling.receiver}"
            block = Block(taken, worked, event, handling.longest)
            self.blocks.add(block, self._limit_ms)
            if self._on_block is not None:
                self._on_block(block)


def tell(block: Block) -> None:
    """Print a block to the terminal."""
    print(f"the window stood still for {block}", file=sys.stderr)


def _whose(receiver: QObject) -> str:
    """A receiver's class, and for a timer its owner's class as well."""
    name = type(receiver).__name__
    if isinstance(receiver, QTimer) and receiver.parent() is not None:
        name += f" of {type(receiver.parent()).__name__}"
    return name


def _name(kind: QEvent.Type) -> str:
    return kind.name if isinstance(kind, QEvent.Type) else str(kind)
