"""What the strip of the path tool says."""

import math

from vae_gui.jobs.path_finding import PathFinding
from vae_gui.jobs.plane_survey import DensityMap
from vae_gui.panels.density_readout import format_density
from vae_gui.plane.path_drawing import length_text

HINT = "Press in the plane and drag: the shortest path to the cursor follows."
LEAD = "Drag from here, or press elsewhere."


def sentence_of(finding: PathFinding) -> str:
    """Both lengths; or what to do, or what is being done, or why there is no path."""
    if why_not := finding.why_not():
        return why_not
    if finding.path is not None:
        path = finding.path
        lengths = length_text(path.length), length_text(path.straight)
        return f"Fisher length {lengths[0]}, straight line {lengths[1]}"
    if finding.progress is not None and finding.survey is None:
        return f"Measuring how fast digits change … {round(100.0 * finding.progress)} %"
    return HINT if finding.start is None else LEAD


def density_of(finding: PathFinding) -> str:
    """The least density on both ways, and what it means; empty without a path or a density."""
    path, survey = finding.path, finding.survey
    if path is None or survey is None or survey.density is None or path.least is None:
        return "A Fisher length of 1 is a change that one drawn image just shows."
    assert path.least_straight is not None
    least, straight = path.least, path.least_straight
    return (
        f"Least q(z) on the way {_said(least, survey.density)}, "
        f"on the straight line {_said(straight, survey.density)}"
    )


def _said(density: float, known: DensityMap) -> str:
    """A density, and whether fewer than 1 in 100 digits lie where it is lower."""
    number = format_density(math.log(max(density, 1e-300)))
    return f"{number} (a hole)" if density < known.rare else number
