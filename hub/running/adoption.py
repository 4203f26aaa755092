"""Taking over weights that were trained somewhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from hub.checkpoints import Checkpoint, agent_class, build_agent, save_agent
from hub.environments import describe
from hub.registry import find_agent, find_environment
from hub.running.configuration import agent_record, environment_record
from hub.running.orders import Given, choose_protocol, environment_arguments, typed


def adopt(
    agent: str,
    env: str,
    weights: Mapping[str, np.ndarray],
    folder: str | os.PathLike[str],
    *,
    config: Mapping[str, Any] | None = None,
    agent_args: Given = (),
    env_args: Given = (),
    train_steps: int = 0,
) -> Checkpoint:
    """Write weights that were trained elsewhere to the new `folder` as a checkpoint, and return its description.

    Args:
        agent: name of the agent whose weights they are.
        env: the environment it acts in.
        weights: what the agent's `load_weights` takes.
        folder: must not exist.
        config: the agent's arguments as far as the weights tell them.
        agent_args: further arguments, as texts `key=value` or as values; they go over `config`.
        env_args: arguments of the environment, likewise.
        train_steps: environment steps they were trained for.

    Raises:
        UsageError: an unknown name, or an argument that the agent or environment does not take.
        HubError: the weights do not fit the agent, or the checkpoint cannot be written.
    """
    found_agent, found_env = find_agent(agent), find_environment(env)
    task = describe(env, environment_arguments(found_env, env_args, choose_protocol(found_env)))
    settings = {**(config or {}), **typed(agent_args, agent_class(found_agent), f"agent {found_agent.spec.name}")}
    record = agent_record(found_agent, settings, seed=0, train_steps=train_steps)
    built = build_agent(record, task)
    built.load_weights(weights)
    return save_agent(built, folder, record, environment_record(found_env, task.env_kwargs))
