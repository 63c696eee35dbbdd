"""--evidence: what is on the canvas in a picture, as words that can be typed and written.

    digit:18,mask:left-half,noise:0.1      a test digit of which a part is seen
    pixels:CODE                            any drawing of ink, blank and unknown pixels
    digit:18,show:refined                  what is held against the posterior: show:encoder,
                                           show:refined or show:chains, steps:200, seed:0
    digit:18,mask:top-half,map             which pixel tells most

CODE and the CODE of `seen:CODE` are what the program writes into its pictures: base64 of three
values, or of two, for each pixel.
"""

import base64
import binascii
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.data.masks import MaskError, mask_named
from model.latent.decode_table import PIXELS, Floats
from model.latent.evidence import UNKNOWN
from vae_gui.state.chains import LARGEST_SEED, MOST
from vae_gui.state.inference import Inference
from vae_gui.state.observation import Sketch

ENCODER, REFINED, CHAINS = SHOWN = "encoder", "refined", "chains"
STEPS = 200
_KEYS = (
    *("digit", "grey", "mask", "seen", "pixels", "noise"),
    *("show", "steps", "seed", "map"),
)

_TRITS = 3 ** np.arange(5)  # five pixels in a byte


@dataclass(frozen=True, eq=False)
class GivenEvidence:
    """What is to be on the canvas.

    Attributes:
        digit: the index of a test digit; None for none.
        grey: whether its grey levels are loaded.
        seen: which pixels of it are seen, (784,) bool; None: all.
        pixels: a drawing, (784,) of 0, 1 and unknown; None for none.
        noise: the flip rate.
        show: what is held against the posterior; empty for nothing.
        steps: of the chains.
        seed: of the chains.
        has_map: whether unknown pixels are coloured by what they tell.
    """

    digit: int | None = None
    grey: bool = False
    seen: NDArray[np.bool_] | None = None
    pixels: Floats | None = None
    noise: float = 0.0
    show: str = ""
    steps: int = STEPS
    seed: int = 0
    has_map: bool = False


def parse(text: str) -> GivenEvidence:
    """The evidence of a flag's value.

    Raises:
        ValueError: it is not understood; a sentence.
    """
    found: dict[str, str] = {}
    for part in text.split(","):
        key, _, value = part.partition(":")
        if key not in _KEYS:
            raise ValueError(f"must be like digit:18,mask:left-half,noise:0.1, not {part!r}")
        found[key] = value
    if ("digit" in found) == ("pixels" in found):
        raise ValueError("needs either digit:N or pixels:CODE")
    try:
        return GivenEvidence(
            int(found["digit"]) if "digit" in found else None,
            "grey" in found,
            _seen(found),
            _drawing(found["pixels"]) if "pixels" in found else None,
            _noise(found.get("noise", "0")),
            _one_of(SHOWN, found["show"]) if "show" in found else "",
            _whole("steps", found.get("steps", str(STEPS)), 1, MOST),
            _whole("seed", found.get("seed", "0"), 0, LARGEST_SEED),
            "map" in found,
        )
    except MaskError as error:
        raise ValueError(str(error)) from None
    except (ValueError, binascii.Error) as error:
        raise ValueError(f"must be like digit:18,mask:left-half,noise:0.1: {error}") from None


def written(sketch: Sketch, inference: Inference | None = None) -> str:
    """The flag's value that puts a sketch on the canvas again; empty where nothing is there.

    With an inference, so is what is held against its posterior.
    """
    shown = [] if inference is None else _shown(inference)
    return ",".join([words, *shown]) if (words := _drawn(sketch)) else ""


def _shown(inference: Inference) -> list[str]:
    encoder, chains = inference.encoder, inference.chains
    found = ["map"] if inference.pixel_map.is_on else []
    if encoder.is_wanted and encoder.found is not None:
        found.append("show:refined" if encoder.step else "show:encoder")
    elif chains.is_wanted and chains.course is not None:
        found += ["show:chains", f"steps:{chains.course.count}", f"seed:{chains.seed}"]
    return found


def _drawn(sketch: Sketch) -> str:
    evidence, whole = sketch.evidence, sketch.whole
    if sketch.count == 0:
        return ""
    noise = [f"noise:{evidence.flip:g}"] if evidence.flip else []
    if sketch.truth is None or whole is None or whole.index is None:
        codes = np.where(evidence.known, evidence.pixels > 0.5, 2)
        return ",".join([f"pixels:{_packed(codes)}", *noise])
    grey = ["grey"] if np.any((whole.pixels > 0.0) & (whole.pixels < 1.0)) else []
    seen = [] if evidence.known.all() else [f"seen:{_bits(evidence.known)}"]
    return ",".join([f"digit:{whole.index}", *grey, *seen, *noise])


def _seen(found: dict[str, str]) -> NDArray[np.bool_] | None:
    if "mask" in found:
        return np.asarray(mask_named(found["mask"]).seen(1, 0)[0])
    if "seen" not in found:
        return None
    bits = np.unpackbits(np.frombuffer(_bytes(found["seen"], PIXELS // 8), dtype=np.uint8))
    return bits.astype(bool)


def _noise(text: str) -> float:
    noise = float(text)
    if not 0.0 <= noise <= 0.5:
        raise ValueError(f"noise is from 0 to 0.5, not {text}")
    return noise


def _one_of(known: tuple[str, ...], text: str) -> str:
    if text not in known:
        raise ValueError(f"show is one of {', '.join(known)}, not {text!r}")
    return text


def _whole(name: str, text: str, least: int, most: int) -> int:
    if not least <= (number := int(text)) <= most:
        raise ValueError(f"{name} is from {least} to {most:,}, not {text}")
    return number


def _packed(codes: NDArray[np.integer]) -> str:
    padded = np.concatenate([codes, np.zeros(-len(codes) % 5, dtype=codes.dtype)])
    packed = (padded.reshape(-1, 5) * _TRITS).sum(axis=1).astype(np.uint8)
    return base64.urlsafe_b64encode(packed.tobytes()).decode()


def _drawing(text: str) -> Floats:
    packed = np.frombuffer(_bytes(text, (PIXELS + 4) // 5), dtype=np.uint8)
    codes = (packed[:, None] // _TRITS % 3).reshape(-1)[:PIXELS]
    return np.asarray(np.where(codes == 2, UNKNOWN, codes), dtype=np.float32)


def _bits(known: NDArray[np.bool_]) -> str:
    return base64.urlsafe_b64encode(np.packbits(known).tobytes()).decode()


def _bytes(text: str, count: int) -> bytes:
    found = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
    if len(found) != count:
        raise ValueError(f"its code is of {len(found)} bytes, not {count}")
    return found
