"""The data sets of the MNIST family, and what is known of each before it is read."""

from dataclasses import dataclass

BINARISATION_SEED = 0
"""The published seed with which validation and test images are binarised once."""


@dataclass(frozen=True)
class DatasetInfo:
    """The facts about a data set that are known before it is read.

    Attributes:
        title: its usual name.
        torchvision_class: the class in torchvision.datasets that reads it.
        class_names: the ten classes, by label.
    """

    title: str
    torchvision_class: str
    class_names: tuple[str, ...]


DATASETS = {
    "mnist": DatasetInfo("MNIST", "MNIST", tuple("0123456789")),
    "fashion-mnist": DatasetInfo(
        "Fashion-MNIST",
        "FashionMNIST",
        (
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
    ),
    "kmnist": DatasetInfo(
        "KMNIST", "KMNIST", ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
    ),
}
