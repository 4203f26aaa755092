"""Turn a stable-baselines3 zip into one of hub's checkpoints.

    python -m hub_baselines.import_zip MODEL.zip --agent ppo --env CartPole-v1 --out DIR

A zip of stable-baselines3 holds pickles, and opening a pickle runs code. hub opens no such file by itself; this command does, on request,
in a child process without rights (`hub_baselines.sandbox`), and takes over only the network's arrays, the steps it trained for and, where
they stand there in plain text, the widths and the activation of its layers.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

import hub
from hub.errors import HubError, UsageError
from hub_baselines import sandbox

_SIGNS = {"mlp_extractor.": ("ppo", "a2c"), "q_net.": ("dqn",), "actor.latent_pi.": ("sac",), "actor.mu.": ("td3",)}
"""How the parameters' names tell whose network it is; `action_net.` is PPO's or A2C's too when it has no hidden layers."""

_LAYERS = {
    "ppo": {"pi": ("mlp_extractor.policy_net.", 0), "vf": ("mlp_extractor.value_net.", 0)},
    "a2c": {"pi": ("mlp_extractor.policy_net.", 0), "vf": ("mlp_extractor.value_net.", 0)},
    "dqn": {"": ("q_net.q_net.", 1)},
    "sac": {"pi": ("actor.latent_pi.", 0), "qf": ("critic.qf0.", 1)},
    "td3": {"pi": ("actor.mu.", 1), "qf": ("critic.qf0.", 1)},
}
"""Where the hidden layers of each part of `net_arch` stand, and how many layers at their end are no hidden ones."""

_ACTIVATIONS = {"Tanh": "tanh", "ReLU": "relu", "ELU": "elu", "LeakyReLU": "leaky_relu", "GELU": "gelu"}
_WITHOUT_EFFECT = {"ortho_init", "optimizer_class", "optimizer_kwargs", "log_std_init", ":type:", ":serialized:"}
"""Settings of a policy that matter in training only; the last two are the pickle, which is not opened, and the name of its type."""

_ALIASES = re.compile(r"^(pi|vf)_features_extractor\.")


def import_zip(
    archive: Path,
    agent: str,
    env: str,
    out: Path,
    *,
    env_args: Sequence[str] | Mapping[str, Any] = (),
    agent_args: Sequence[str] | Mapping[str, Any] = (),
) -> hub.Checkpoint:
    """Write the model in `archive` to the new folder `out` as a checkpoint of `agent` for `env`, and return its description.

    Args:
        archive: what stable-baselines3's `model.save` wrote.
        agent: `ppo`, `a2c`, `dqn`, `sac` or `td3`.
        env: the environment it acts in.
        out: the checkpoint's folder; must not exist.
        env_args: arguments of the environment, as texts `key=value` or as values.
        agent_args: arguments of the agent, likewise; they go over those found in the archive.

    Raises:
        UsageError: it is another algorithm's model, or its network has parts that the agents here have not.
        SandboxError: the archive could not be read in the child process.
        HubError: the checkpoint cannot be written.
    """
    name = agent.removeprefix("baselines/")
    if name not in _LAYERS:
        raise UsageError(f"agent {agent} has no stable-baselines3 models; give one of {', '.join(_LAYERS)}")
    facts, arrays = _opened(archive)
    _require_kind(archive, name, arrays)
    return hub.adopt(
        f"baselines/{name}",
        env,
        _without_aliases(archive, arrays),
        out,
        config=_configuration(archive, name, facts, arrays),
        agent_args=agent_args,
        env_args=env_args,
        train_steps=int(facts["num_timesteps"] or 0),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code, as hub's own commands do."""
    parser = argparse.ArgumentParser(
        prog="python -m hub_baselines.import_zip", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("archive", type=Path, metavar="MODEL.zip", help="what stable-baselines3's model.save wrote")
    parser.add_argument("--agent", required=True, metavar="NAME", help="ppo, a2c, dqn, sac or td3")
    parser.add_argument("--env", required=True, metavar="ID", help="the environment the model acts in")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder to write; must not exist")
    parser.add_argument("--env-arg", action="append", default=[], metavar="KEY=VALUE", help="argument of the environment")
    parser.add_argument(
        "--agent-arg", action="append", default=[], metavar="KEY=VALUE", help="argument of the agent, e.g. policy=MlpPolicy"
    )
    chosen = parser.parse_args(arguments)
    try:
        written = import_zip(chosen.archive, chosen.agent, chosen.env, chosen.out, env_args=chosen.env_arg, agent_args=chosen.agent_arg)
    except HubError as error:
        print(f"hub: {error}", file=sys.stderr)
        return error.exit_code
    print(f"{chosen.out}: {written.agent.name} for {written.env.id}, trained for {written.agent.train_steps} steps by stable-baselines3")
    return 0


def _opened(archive: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    line, _, packed = sandbox.call("hub_baselines.zip_contents:read", archive).partition(b"\n")
    return json.loads(line), safetensors.numpy.load(packed)


def _require_kind(archive: Path, agent: str, arrays: Mapping[str, np.ndarray]) -> None:
    kinds: tuple[str, ...] = ("ppo", "a2c") if any(name.startswith("action_net.") for name in arrays) else ()
    for sign, signed in _SIGNS.items():
        if not kinds and any(name.startswith(sign) for name in arrays):
            kinds = signed
    if agent not in kinds:
        raise UsageError(
            f"{archive} does not hold a model of {agent}: by its parameters' names it is {' or '.join(kinds) or 'none that hub knows'}"
        )


def _configuration(archive: Path, agent: str, facts: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the agent's arguments that the archive determines."""
    settings = {key: value for key, value in (facts["policy_kwargs"] or {}).items() if key not in _WITHOUT_EFFECT}
    if facts["use_sde"] or settings.pop("use_sde", False):
        raise UsageError(f"{archive} explores with state-dependent noise (use_sde), which the agents here do not have")
    settings.pop("net_arch", None)  # read off the arrays, whatever form it was written in
    activation = settings.pop("activation_fn", None)
    if settings:
        raise UsageError(f"{archive} was built with {', '.join(sorted(settings))} in policy_kwargs, which the agents here do not have")
    layers = {part: _widths(arrays, prefix, last) for part, (prefix, last) in _LAYERS[agent].items()}
    config: dict[str, Any] = {"net_arch": layers.get("", layers), "small_images": "pixels"}
    if activation is not None:
        named = str(activation).rpartition(".")[2].removesuffix("'>")
        if named not in _ACTIVATIONS:
            raise UsageError(f"{archive} has activation {named}; the agents here have {', '.join(_ACTIVATIONS)}")
        config["activation"] = _ACTIVATIONS[named]
    return config


def _widths(arrays: Mapping[str, np.ndarray], prefix: str, last: int) -> list[int]:
    places = sorted(int(name.split(".")[-2]) for name in arrays if name.startswith(prefix) and name.endswith(".weight"))
    return [len(arrays[f"{prefix}{place}.weight"]) for place in places[: len(places) - last]]


def _without_aliases(archive: Path, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the arrays once each: actor and critic share their feature extractor, which is written under three names."""
    kept = {}
    for name, array in arrays.items():
        shared = _ALIASES.sub("features_extractor.", name)
        if shared == name:
            kept[name] = array
        elif not np.array_equal(arrays.get(shared, ()), array):
            raise UsageError(f"{archive} has separate feature extractors for actor and critic, which the agents here do not have")
    return kept


if __name__ == "__main__":
    sys.exit(main())
