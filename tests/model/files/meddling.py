"""Checkpoints that somebody has meddled with: files taken apart, changed, and signed again."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from hypothesis import strategies as st

from model.files.checkpoint import Checkpoint
from model.files.checkpoint_format import CHECKPOINT, CheckpointError
from model.files.sealed import digest_of
from model.latent import decoding as latent

FORMAT = CHECKPOINT.format
WEIGHT = "decoder.logits.weight"

Header = dict[str, Any]
Edit = Callable[[Header], object]


def assert_sound(checkpoint: Checkpoint) -> None:
    """What the reader hands over can be used."""
    assert isinstance(checkpoint, Checkpoint)
    for weight in checkpoint.network.state_dict().values():
        assert weight.dtype == torch.float32
        assert torch.isfinite(weight).all()
    for label in (0, 9):
        image = latent.decode(checkpoint.given(label), torch.zeros(1, checkpoint.config.latent_dim))
        assert torch.isfinite(image).all()
    if checkpoint.labelled is not None:
        assert torch.isfinite(checkpoint.labelled.log_label_posterior(torch.ones(1, 784))).all()
    json.dumps([checkpoint.epoch, checkpoint.metrics, checkpoint.checksums], allow_nan=False)
    json.dumps(dataclasses.asdict(checkpoint.training), allow_nan=False)


def assert_one_sentence(error: CheckpointError, path: Path) -> str:
    sentence = str(error)
    assert sentence.startswith(path.name)
    assert sentence.endswith(".")
    assert sentence.isprintable()  # no second line either
    assert len(sentence) < 400
    return sentence


def take_apart(content: bytes) -> tuple[Header, bytes]:
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def put_together(header: Header | str | bytes, body: bytes) -> bytes:
    text = header if isinstance(header, (str, bytes)) else json.dumps(header)
    encoded = text.encode() if isinstance(text, str) else text
    return len(encoded).to_bytes(8, "little") + encoded + body


def signed(header: Header, body: bytes) -> Header:
    """The header with the checksum that fits it: an attacker can compute it too."""
    metadata = header["__metadata__"] | {"digest": digest_of(header, memoryview(body))}
    return header | {"__metadata__": metadata}


def edited(content: bytes, edit: Edit) -> bytes:
    """A file with another header, signed again."""
    header, body = take_apart(content)
    edit(header)
    return put_together(signed(header, body), body)


def with_metadata(content: bytes, **texts: str) -> bytes:
    return edited(content, lambda header: header["__metadata__"].update(texts))


def with_setting(content: bytes, part: str, **values: object) -> bytes:
    header, _ = take_apart(content)
    settings = json.loads(header["__metadata__"][part])
    return with_metadata(content, **{part: json.dumps(settings | values)})


def with_weight(content: bytes, name: str, value: float, index: int = 0) -> bytes:
    """A file with one number changed, signed again."""
    header, body = take_apart(content)
    start = header[name]["data_offsets"][0] + 4 * index
    number = torch.tensor(value, dtype=torch.float32).numpy().tobytes()
    changed = body[:start] + number + body[start + 4 :]
    return put_together(signed(header, changed), changed)


# Mutations

names = st.sampled_from(
    ["__metadata__", "dtype", "shape", "data_offsets", "config", "format", "epoch", WEIGHT]
) | st.text(max_size=5)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([FORMAT, "F32", "F16", "{}", "mnist", 10**400, 1e308, "\ud800", 784]),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(names, children, max_size=3),
    max_leaves=6,
)


def places_in(value: object, here: tuple[object, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to every value inside a JSON value."""
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, inner in items:
        yield (*here, key)
        yield from places_in(inner, (*here, key))


def mutate_json(draw: st.DrawFn, value: Any) -> None:
    """Replace, remove or add one value, anywhere."""
    *way, key = draw(st.sampled_from(sorted(places_in(value), key=str)))
    for step in way:
        value = value[step]
    action = draw(st.sampled_from(["replace", "remove", "add"]))
    if action == "replace":
        value[key] = draw(json_values)
    elif action == "remove":
        del value[key]
    elif isinstance(value, dict):
        value[draw(names)] = draw(json_values)
    else:
        value.insert(key, draw(json_values))


def mutate_settings(draw: st.DrawFn, header: Header) -> None:
    """Change one of the JSON texts inside the metadata."""
    part = draw(st.sampled_from(["config", "training", "epoch", "metrics", "dataset"]))
    inner = {"": json.loads(header["__metadata__"][part])}
    mutate_json(draw, inner)
    header["__metadata__"][part] = json.dumps(inner.get("", draw(json_values)))


families = st.sampled_from(["vae", "m2", "m1+m2", "m1", "M2", ""])
m1_networks = st.sampled_from(
    ["", "1:1:tanh", "2:1:tanh", "1:2-1:relu", "512:4096-4096:relu", "1:1:sine", "1:1", "0:1:tanh"]
) | st.text(max_size=8)
architectures = st.sampled_from(["mlp", "residual", "conv"])
few = st.integers(0, 3) | st.sampled_from([64, 512, 4096])
layers = st.lists(few.map(str), min_size=1, max_size=3).map("-".join)
NETWORK = {
    "family": families,
    "m1_network": m1_networks,
    "architecture": architectures,
    "layers": layers,
    "latent_dim": few,
    "hidden": few,
    "blocks": few,
    "channels": few,
    "atlas": few,
    "fourier_features": few,
}


def mutate_network(draw: st.DrawFn, header: Header) -> None:
    """Say that the network is another one, in values that settings have."""
    config = json.loads(header["__metadata__"]["config"])
    for name in draw(st.lists(st.sampled_from(sorted(NETWORK)), min_size=1, max_size=3)):
        config[name] = draw(NETWORK[name])
    header["__metadata__"]["config"] = json.dumps(config)


def mutate_tensors(draw: st.DrawFn, header: Header) -> None:
    """Rename, leave out, double or exchange tensors, or give one another shape."""
    tensors = st.sampled_from(sorted(name for name in header if name != "__metadata__"))
    one, other = draw(tensors), draw(tensors)
    action = draw(st.sampled_from(["rename", "remove", "double", "exchange", "reshape"]))
    if action == "rename":
        prefix = draw(st.sampled_from(["m1.", "above.m2.", "x", ""]))
        header[prefix + one.removeprefix("m1.").removeprefix("above.m2.")] = header.pop(one)
    elif action == "remove":
        del header[one]
    elif action == "double":
        header[other] = header[one]
    elif action == "exchange":
        header[one], header[other] = header[other], header[one]
    else:
        header[one]["shape"] = draw(st.lists(few, max_size=3))


def mutate_bytes(draw: st.DrawFn, content: bytes) -> bytes:
    """Cut out, double, move or overwrite a piece, preferably near the start."""
    places = st.integers(0, len(content)) | st.integers(0, 64)
    start, end = sorted((draw(places), draw(places)))
    piece = content[start:end]
    new = draw(
        st.sampled_from([b"", piece * 2, piece[::-1], content[:64]]) | st.binary(max_size=16)
    )
    return content[:start] + new + content[end:]


@st.composite
def mutated_files(draw: st.DrawFn, sound: bytes) -> bytes:
    if draw(st.booleans()):
        content = sound
        for _ in range(draw(st.integers(1, 3))):
            content = mutate_bytes(draw, content)
        return content
    header, body = take_apart(sound)
    for _ in range(draw(st.integers(1, 2))):
        mutate = draw(
            st.sampled_from([mutate_json, mutate_settings, mutate_network, mutate_tensors])
        )
        if mutate is mutate_json or is_intact(header):
            mutate(draw, header)
    if draw(st.booleans()):
        body = mutate_bytes(draw, body)
    if isinstance(header.get("__metadata__"), dict) and draw(st.integers(0, 9)):
        header = signed(header, body)
    return put_together(header, body)


def is_intact(header: Header) -> bool:
    metadata = header.get("__metadata__")
    return isinstance(metadata, dict) and all(
        isinstance(metadata.get(part), str) and metadata[part].startswith(("{", "3"))
        for part in ("config", "training", "epoch", "metrics", "dataset")
    )
