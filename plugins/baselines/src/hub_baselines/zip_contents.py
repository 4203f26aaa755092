"""What is safe to know of a stable-baselines3 zip: its arrays and its plain JSON, read without unpickling an object.

`read` runs in `hub_baselines.sandbox`. The archive's `policy.pth` is read by torch's unpickler for tensors, which calls nothing that it
does not know; of `data` only what stands there as JSON is taken, and the pickles between it are passed over.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import safetensors.numpy
import torch

_LARGEST_MEMBER = 2**30
_FACTS = ("policy_kwargs", "use_sde", "num_timesteps")


def prepare() -> None:
    """Do once, on a network of our own, all that `read` does, so that nothing is left to import."""
    torch.set_num_threads(1)
    network, archive = io.BytesIO(), io.BytesIO()
    torch.save({"layer": torch.zeros(1)}, network)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("data", "{}")
        written.writestr("policy.pth", network.getvalue())
    read(archive.getvalue())


def read(archive: bytes) -> bytes:
    """Return one line of JSON with the facts and, after it, the arrays as safetensors.

    Raises:
        ValueError: a member is missing, too large or not what it should be.
    """
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        data = json.loads(_member(opened, "data"))
        state = torch.load(io.BytesIO(_member(opened, "policy.pth")), map_location="cpu", weights_only=True)
    if not isinstance(data, dict) or not isinstance(state, dict):
        raise ValueError("data or policy.pth is not a mapping")
    arrays = {}
    for name, value in state.items():
        if not (isinstance(name, str) and isinstance(value, torch.Tensor)):
            raise ValueError("policy.pth holds something else than named tensors")
        arrays[name] = value.detach().contiguous().numpy()
    facts: dict[str, Any] = {key: data.get(key) for key in _FACTS}
    return json.dumps(facts).encode() + b"\n" + safetensors.numpy.save(arrays)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        size = archive.getinfo(name).file_size
    except KeyError:
        raise ValueError(f"it holds no {name}, so it is not a stable-baselines3 model") from None
    if size > _LARGEST_MEMBER:
        raise ValueError(f"{name} is larger than {_LARGEST_MEMBER} bytes")
    return archive.read(name)
