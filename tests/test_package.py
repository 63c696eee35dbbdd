import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("model", "vae_gui")


def done(arguments: list[object], **options: object) -> subprocess.CompletedProcess[str]:
    """A command that must succeed."""
    result = subprocess.run(
        list(map(str, arguments)), capture_output=True, text=True, check=False, **options
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    done(build, cwd=ROOT)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A user who has nothing yet: an empty home, no network, no Python settings."""
    home = tmp_path_factory.mktemp("home")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "UV"))}
    dead = dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY"), "http://127.0.0.1:9")
    return (
        kept
        | dead
        | {
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "LOCALAPPDATA": str(home),
            "QT_QPA_PLATFORM": "offscreen",
        }
    )


@pytest.fixture(scope="module")
def scripts(
    wheel: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of programs of a clean environment that has the wheel, and its dependencies."""
    uv = [sys.executable, "-m", "uv"] if importlib.util.find_spec("uv") else [shutil.which("uv")]
    if uv == [None]:
        pytest.fail("uv is needed to make a clean environment; it is in the dev group")
    venv = tmp_path_factory.mktemp("clean") / "venv"
    offline = ["--offline", "--no-cache", "--no-config"]
    done([*uv, "venv", *offline, "--python", sys.executable, venv], env=environment)
    folder = venv / ("Scripts" if os.name == "nt" else "bin")
    python = folder / ("python.exe" if os.name == "nt" else "python")
    install = [*uv, "pip", "install", *offline, "--no-deps", "--python", python, wheel]
    done(install, env=environment)
    # The dependencies are those of this environment. Its own .pth files, and with them the
    # editable installation of this checkout, do not count from here.
    inside = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(done([python, "-I", "-c", inside]).stdout.strip())
    here = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site / "dependencies.pth").write_text("\n".join(sorted(here)) + "\n")
    return folder


@pytest.mark.slow
def test_the_wheel_holds_the_packages_the_assets_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    code = {name for name in names if name.endswith(".py")}
    expected = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    }
    assert code == expected | {"train_cli.py"}
    others = {name for name in names if not name.endswith(".py") and ".dist-info/" not in name}
    assert {name.split("/")[0] for name in others} == {"model"}
    assert {"/".join(name.split("/")[:3]) for name in others} == {
        "model/assets/mnist",
        "model/assets/pretrained",
        "model/assets/training",
        "model/assets/icons",
    }
    for part in ("mnist", "pretrained", "training", "icons"):
        for path in (ROOT / "assets" / part).rglob("*"):
            name = path.relative_to(ROOT / "assets").as_posix()
            assert path.is_dir() or f"model/assets/{name}" in others
    for word in ("test", "benchmark", "screenshots", ".venv", "runs/", "__pycache__"):
        assert not [
            name for name in others | {entry.split("/")[0] + "/" for entry in names} if word in name
        ]


INSPECT = """
import hashlib, json, sys
import model, vae_gui, train_cli
from model import assets
from model.latent import decoding as latent
from model.files.checkpoint import read_checkpoint
from model.data.binarise import binarise_once
from model.data.cache import default_data_dir
from model.data.datasets import load_test
from model.likelihood.elbo import estimate_elbo

checkpoint = read_checkpoint(assets.PRETRAINED)
test = load_test()
x = binarise_once(test.images).flatten(1)
images = latent.decode(checkpoint.vae, latent.posterior_means(checkpoint.vae, x[:1]))
print(json.dumps({
    "files": [model.__file__, vae_gui.__file__, train_cli.__file__, str(assets.ROOT)],
    "sums": {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in assets.MNIST.glob("*.gz")
    },
    "icon": assets.ICON.is_file(),
    "labels": test.labels[:5].tolist(),
    "cache": str(default_data_dir()),
    "config": checkpoint.config.latent_dim,
    "epoch": checkpoint.epoch,
    "recorded": checkpoint.metrics["test"]["elbo"],
    "measured": estimate_elbo(checkpoint.vae, x).elbo,
    "levels": [images.min().item(), images.max().item()],
}))
"""


@pytest.mark.slow
def test_an_installed_wheel_opens_what_it_brings_along(
    scripts: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    python = scripts / ("python.exe" if os.name == "nt" else "python")
    found = json.loads(done([python, "-I", "-c", INSPECT], cwd=tmp_path, env=environment).stdout)

    clean = scripts.parent
    for file in found["files"]:
        assert Path(file).is_relative_to(clean), "this is the checkout, not the wheel"
    lines = (ROOT / "assets" / "mnist" / "SHA256SUMS").read_text().splitlines()
    sums = {name.lstrip("*"): digest for digest, name in (line.split() for line in lines)}
    assert found["sums"] == sums
    for name, digest in sums.items():
        content = (ROOT / "assets" / "mnist" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
    assert found["icon"]
    assert found["labels"] == [7, 2, 1, 0, 4]
    assert Path(found["cache"]).is_relative_to(environment["HOME"])

    assert found["config"] == 2
    assert found["epoch"] > 0
    assert found["recorded"] >= -128.0  # -137.1 is the best published for a Gaussian plane
    assert found["measured"] == pytest.approx(found["recorded"], abs=0.3)
    assert found["levels"][0] < 0.05
    assert found["levels"][1] > 0.9
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "words"),
    [("vae-train", ["--latent-dim", "--data-dir"]), ("vae-gui", ["--screenshot", "--size"])],
)
def test_an_installed_program_explains_itself(
    program: str, words: list[str], scripts: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    result = done([scripts / program, "--help"], cwd=tmp_path, env=environment)
    assert all(word in result.stdout for word in words)
    assert result.stderr == ""


@pytest.mark.slow
def test_an_installed_explorer_draws_itself(
    scripts: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    picture = tmp_path / "shot.png"
    result = done([scripts / "vae-gui", "--screenshot", picture], cwd=tmp_path, env=environment)
    assert result.stderr == ""
    assert picture.stat().st_size > 50_000
