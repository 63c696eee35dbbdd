"""The files that come with the program: MNIST, trained models, a training to watch, the icon.

In a checkout they are the folder `assets/` at the top; in a wheel they lie inside this package.
"""

from pathlib import Path

_HERE = Path(__file__).resolve().parent
ROOT = _HERE / "assets" if (_HERE / "assets").is_dir() else _HERE.parent / "assets"

MNIST = ROOT / "mnist"
PRETRAINED = ROOT / "pretrained" / "mnist-2d.safetensors"
PREVIEW = ROOT / "pretrained" / "mnist-2d.preview.safetensors"
NUMBERS = ROOT / "pretrained" / "mnist-2d.numbers.safetensors"
PAPER = ROOT / "pretrained" / "mnist-2d-paper.safetensors"
PAPER_NUMBERS = ROOT / "pretrained" / "mnist-2d-paper.numbers.safetensors"
M2 = ROOT / "pretrained" / "mnist-m2.safetensors"  # a model with classes
M2_NUMBERS = ROOT / "pretrained" / "mnist-m2.numbers.safetensors"
TRAINING = ROOT / "training"
MODELS = (PRETRAINED, PAPER)
ICON = ROOT / "icons" / "vae-gui.svg"
