"""What to open instead of a file of ours that is no checkpoint."""

from pathlib import Path

from model.files import sealed
from model.files.run import RunPaths
from model.files.untrusted import Refused

# By the first words of its format, what a file holds.
_HOLDS = {
    "vae-gui resume ": "holds what training needs to go on",
    "vae-gui numbers ": "holds numbers that were measured with a model",
    "vae-gui preview ": "holds what is shown of a model at first",
}
BESIDE = (".numbers", ".preview")
"""How the names of files end that belong to the model beside them, before their suffix."""


def instead_of(path: Path) -> str:
    """Half a sentence: what a file holds, and what to open instead; empty for all other files."""
    try:
        form = sealed.peek(path).get("format", "")
    except Refused:
        return ""
    for beginning, holds in _HOLDS.items():
        if form.startswith(beginning):
            model = _model_beside(path)
            advice = f"open {model} beside it" if model else "open the checkpoint of its model"
            return f"{holds}; {advice}"
    return ""


def _model_beside(path: Path) -> str:
    """The name of the checkpoint that belongs to a file; empty if it does not lie beside it."""
    run = RunPaths(path.parent)
    belongs = path.stem.endswith(BESIDE)
    candidates = [path.with_name(path.stem.rpartition(".")[0] + path.suffix)]
    candidates = candidates if belongs else [run.best, run.last]
    return next((file.name for file in candidates if file.is_file()), "")
