"""The machine of a measurement."""

import os
import platform
from importlib import metadata
from pathlib import Path


def describe() -> dict[str, object]:
    """Processor, cores, load, and the versions that matter."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_1_min": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": platform.platform(),
        "python": platform.python_version(),
        "torch": _version("torch"),
        "pyside6": _version("PySide6-Essentials"),
        "qt_platform": os.environ.get("QT_QPA_PLATFORM", "default"),
    }


def _version(package: str) -> str | None:
    """A package's version; None without the package: one can train where there is no Qt."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
