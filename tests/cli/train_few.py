"""The command line on a part of the images: what the tests train on, here and in real processes.

python train_few.py FLAGS ...
"""

import sys
from pathlib import Path

from model.data import datasets as data
from model.data.datasets import Splits, load_splits


def load_few(name: str = "mnist", data_dir: Path | None = None) -> Splits:
    """5,000 training images, and 500 of the others."""
    all_ = load_splits(name, data_dir)
    return Splits(
        all_.name, all_.train[:5000], all_.validation[:500], all_.test[:500], all_.checksums
    )


if __name__ == "__main__":
    import train_cli

    data.load_splits = load_few
    sys.exit(train_cli.main())
