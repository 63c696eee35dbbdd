"""How long something takes, in words."""


def in_words(seconds: float) -> str:
    """A duration with the precision that one wants: 45 s, 2 min 31 s, 3 h 20 min, 4 d 2 h."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    if minutes == 0:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    if hours == 0:
        return f"{minutes} min {rest} s"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes} min"
