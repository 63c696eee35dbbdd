"""The command line on few images, for real processes.

python train_few.py FLAGS ...
"""

import sys

from few_images import few

import train_cli
from model.data import datasets

if __name__ == "__main__":
    load_splits = datasets.load_splits
    datasets.load_splits = lambda *place: few(load_splits(*place))
    sys.exit(train_cli.main())
