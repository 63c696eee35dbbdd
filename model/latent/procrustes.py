"""Orthogonal Procrustes: the rotation and reflection that lays one set of points on another.

Of two sets of N points in D dimensions, b and a, it is the orthogonal matrix R that minimises

    sum over the N points of |R b - a|^2,    R = U V^T    where    a^T b = U S V^T

Nothing is moved or scaled: rotations and reflections about the origin are the maps that leave the
prior N(0, I) as it is, so a model whose latent space is turned by one is the same model.

Source: Schoenemann 1966, "A generalized solution of the orthogonal Procrustes problem".
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Alignment:
    """How one set of points is best turned onto another.

    Attributes:
        matrix: (D, D), orthogonal: `points @ matrix.T` are the turned points.
        is_mirrored: whether it is a reflection followed by a rotation (its determinant is -1).
        angle: of the rotation, in degrees. With two dimensions it is from -180 to 180, against the
            clock where z2 points up, and a mirrored one changes the sign of z2 first. With more, a
            rotation turns several planes: it is the largest of their angles, from 0 to 180. With
            one it is 0.
        distance: the root of the mean squared distance from a turned point to its partner.
        before: the same without turning.
        size: the root of the mean squared distance of the partners from the origin.
    """

    matrix: Array
    is_mirrored: bool
    angle: float
    distance: float
    before: float
    size: float

    @property
    def residual(self) -> float:
        """The distance as a fraction of the size; 0 where all points are at the origin."""
        return self.distance / self.size if self.size else 0.0


def align(points: Array, onto: Array) -> Alignment:
    """The rotation and reflection that brings points (N, D) nearest to their partners (N, D).

    Raises:
        ValueError: the sets differ in size or dimensions, or have numbers that are not finite.
    """
    if points.shape != onto.shape or points.ndim != 2 or not points.size:
        raise ValueError(f"there is no rotation from points {points.shape} to {onto.shape}")
    if not (np.isfinite(points).all() and np.isfinite(onto).all()):
        raise ValueError("the points have coordinates that are not finite numbers")
    left, _, right = np.linalg.svd(onto.T @ points)
    matrix: Array = left @ right
    is_mirrored = bool(np.linalg.det(matrix) < 0.0)
    return Alignment(
        matrix,
        is_mirrored,
        _angle_of(matrix, is_mirrored=is_mirrored),
        _root_mean_square(points @ matrix.T - onto),
        _root_mean_square(points - onto),
        _root_mean_square(onto),
    )


def _angle_of(matrix: Array, *, is_mirrored: bool) -> float:
    """The angle of `Alignment`, in degrees."""
    if len(matrix) == 1:
        return 0.0
    if len(matrix) == 2:  # the first column is (cos, sin), mirrored or not
        return math.degrees(math.atan2(matrix[1, 0], matrix[0, 0]))
    angles = np.sort(np.abs(np.angle(np.linalg.eigvals(matrix))))
    rotations = angles[:-1] if is_mirrored else angles  # a reflection has an eigenvalue of -1
    return math.degrees(float(rotations.max()))


def _root_mean_square(vectors: Array) -> float:
    """Of the lengths of vectors (N, D)."""
    return math.sqrt(float(np.square(vectors).sum(axis=1).mean()))
