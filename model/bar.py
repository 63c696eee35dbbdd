"""A bar on the terminal for a long computation."""

from collections.abc import Iterator
from contextlib import contextmanager

from model.progress import Progress


@contextmanager
def bar(title: str) -> Iterator[Progress]:
    """A bar on stderr, if that is a terminal."""
    from tqdm import tqdm

    bar_format = "{desc} |{bar}| {percentage:3.0f} %, {remaining} left"
    with tqdm(
        total=1.0, desc=title, disable=None, leave=False, dynamic_ncols=True, bar_format=bar_format
    ) as shown:
        yield lambda done: shown.update(done - shown.n)
