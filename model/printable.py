"""Names in sentences: one line that a terminal or a label shows as it is."""


def printable(text: object) -> str:
    """A text as it is if all its characters can be printed, otherwise quoted and escaped.

    Control characters could move a terminal's cursor or break the line; marks of writing direction
    could reverse the rest of the sentence; halves of surrogate pairs cannot be encoded.
    """
    name = str(text)
    return name if name.isprintable() else ascii(name)
