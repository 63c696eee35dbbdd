"""How colours look to an eye: CIEDE2000, dichromats, contrast. Written anew, for the tests."""

import math

import numpy as np

# What dichromats see, on linear sRGB: Machado, Oliveira and Fernandes 2009, table 1, severity 1.0.
SIGHTS = {
    "normal": np.eye(3),
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deutan": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritan": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# Linear sRGB to XYZ (IEC 61966-2-1); the rows add up to the white point D65.
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def linear(colour: str) -> np.ndarray:
    """#rrggbb as linear light: (3,)."""
    levels = [int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5)]
    return np.array([v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in levels])


def lab(light: np.ndarray) -> tuple[float, float, float]:
    """CIELAB of linear light."""
    x, y, z = (
        v ** (1.0 / 3.0) if v > 216.0 / 24389.0 else (24389.0 / 27.0 * v + 16.0) / 116.0
        for v in TO_XYZ @ light / TO_XYZ.sum(axis=1)
    )
    return 116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)


def difference(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """CIEDE2000 of two colours in CIELAB: Sharma, Wu and Dalal 2005, equations 2 to 22."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    c7 = ((math.hypot(a1, b1) + math.hypot(a2, b2)) / 2.0) ** 7
    g = 0.5 * (1.0 - math.sqrt(c7 / (c7 + 25.0**7)))
    a1, a2 = (1.0 + g) * a1, (1.0 + g) * a2
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = (math.degrees(math.atan2(b, a)) % 360.0 for a, b in ((a1, b1), (a2, b2)))
    turn = 0.0 if c1 * c2 == 0.0 else (h2 - h1 + 180.0) % 360.0 - 180.0
    dh = 2.0 * math.sqrt(c1 * c2) * math.sin(math.radians(turn) / 2.0)
    lm, cm = (l1 + l2) / 2.0, (c1 + c2) / 2.0
    hm = h1 + h2
    if c1 * c2 != 0.0:
        hm = hm / 2.0 if abs(h1 - h2) <= 180.0 else (hm + (360.0 if hm < 360.0 else -360.0)) / 2.0
    t = 1.0 + sum(
        weight * math.cos(math.radians(times * hm + by))
        for weight, times, by in ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.2, 4, -63))
    )
    sl = 1.0 + 0.015 * (lm - 50.0) ** 2 / math.sqrt(20.0 + (lm - 50.0) ** 2)
    sc, sh = 1.0 + 0.045 * cm, 1.0 + 0.015 * cm * t
    rc = 2.0 * math.sqrt(cm**7 / (cm**7 + 25.0**7))
    rt = -rc * math.sin(math.radians(60.0 * math.exp(-(((hm - 275.0) / 25.0) ** 2))))
    dl, dc, dh = (l2 - l1) / sl, (c2 - c1) / sc, dh / sh
    return math.sqrt(dl**2 + dc**2 + dh**2 + rt * dc * dh)


def least_difference(one: str, other: str) -> float:
    """CIEDE2000 of two colours, #rrggbb, for the eye that tells them apart least."""
    return min(
        difference(*(lab(np.clip(seen @ linear(colour), 0.0, 1.0)) for colour in (one, other)))
        for seen in SIGHTS.values()
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    dark, bright = sorted(
        float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other)
    )
    return (bright + 0.05) / (dark + 0.05)
