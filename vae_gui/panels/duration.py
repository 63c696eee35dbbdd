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


def in_short(seconds: float) -> str:
    """A duration in one unit: 45 s, 3 min, 5 h, 4 d."""
    for unit, length, most in (("s", 1.0, 90.0), ("min", 60.0, 90.0), ("h", 3600.0, 36.0)):
        if seconds / length < most:
            return f"{max(0.0, seconds) / length:.0f} {unit}"
    return f"{seconds / 86400.0:.0f} d"
