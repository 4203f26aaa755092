"""Running and evaluating from Python: what `hub run` and `hub eval` do, as functions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub.agent import Agent
from hub.errors import UsageError
from hub.registry import find_environment
from hub.results.models import Result
from hub.running.objects import evaluate_object
from hub.running.orders import Seeds, choose_protocol, environment_arguments, order_evaluation, order_run, protocol_of
from hub.running.progress import open_progress
from hub.running.session import carry_out
from hub.running.settings import STEP_TIMEOUT_S, Settings


def run(
    *,
    agent: str,
    env: str,
    episodes: int | None = None,
    seed: int = 0,
    train_steps: int | None = None,
    slots: int | None = None,
    engine: str = "inline",
    workers: int | None = None,
    eval_seeds: Seeds = "fixed",
    protocol: str | None = None,
    step_timeout: float = STEP_TIMEOUT_S,
    env_args: Mapping[str, Any] | None = None,
    agent_args: Mapping[str, Any] | None = None,
    out: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
    record: bool = False,
) -> Result:
    """Train an agent, evaluate it under the environment's protocol and return the result; the same call resumes an interrupted run.

    Args:
        agent: the agent's name.
        env: the environment's name.
        episodes: evaluation episodes; the protocol's number when None.
        seed: seeds training and the agent's construction.
        train_steps: environment steps to train for; the agent's own default when None.
        slots: episodes played side by side in each process; the result does not depend on it.
        engine: `inline` or `process`; the result does not depend on it.
        workers: processes of the process engine; a script that uses it must start from `if __name__ == "__main__":`, as with any
            spawned process.
        eval_seeds: `fixed` or `committed`.
        protocol: name of the protocol; the environment's default one when None.
        step_timeout: seconds after which a step or a call of the agent counts as hung; with the inline engine that ends this process.
        env_args: keyword arguments of the environment, over those of the protocol's first task; what the protocol's `training_kwargs` set,
            training keeps.
        agent_args: keyword arguments of the agent.
        out: folder of the run; one under `runs/` named after its configuration when None.
        progress: whether to show a progress line; only on terminals when None.
        record: whether to keep the screens of each episode, and what the agent says, in `episodes/` of the run's folder; the result does
            not depend on it.

    Raises:
        HubError: its subclasses say what was wrong; see `hub.errors`.
    """
    settings = Settings(engine=engine, workers=workers, slots=slots, step_timeout=step_timeout, record=record)
    order = order_run(
        agent=agent,
        env=env,
        episodes=episodes,
        seed=seed,
        train_steps=train_steps,
        eval_seeds=eval_seeds,
        protocol=protocol,
        env_args=env_args or {},
        agent_args=agent_args or {},
        out=None if out is None else Path(out),
    )
    with open_progress(progress) as shown:
        return carry_out(order, settings, shown).result


def evaluate(
    agent: Agent | str | os.PathLike[str],
    env: str | None = None,
    *,
    episodes: int | None = None,
    seed: int = 0,
    slots: int | None = None,
    engine: str = "inline",
    workers: int | None = None,
    eval_seeds: Seeds = "fixed",
    protocol: str | None = None,
    step_timeout: float = STEP_TIMEOUT_S,
    env_args: Mapping[str, Any] | None = None,
    out: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
    record: bool = False,
) -> Result:
    """Evaluate an agent as it is and return the result.

    Args:
        agent: the folder of a saved agent, the name of one to build untrained, or a `hub.Agent` of your own. Your own is played in this
            process and leaves no files.
        env: the environment's name; by default the one a saved agent was trained on, or the one your own agent was built for.
        episodes: evaluation episodes; the protocol's number when None.
        seed: seeds the construction of a named agent.
        slots: episodes played side by side in each process; the result does not depend on it.
        engine: `inline` or `process`; the result does not depend on it.
        workers: processes of the process engine.
        eval_seeds: `fixed` or `committed`.
        protocol: name of the protocol; the environment's default one when None.
        step_timeout: seconds after which a step or a call of the agent counts as hung; with the inline engine that ends this process.
        env_args: keyword arguments of the environment, over those of the protocol's first task (or of the saved agent's training).
        out: folder of the run; one under `runs/` named after its configuration when None.
        progress: whether to show a progress line; only on terminals when None.
        record: whether to keep the screens of each episode, and what the agent says, in `episodes/` of the run's folder; the result does
            not depend on it.

    Raises:
        HubError: its subclasses say what was wrong; see `hub.errors`.
    """
    settings = Settings(engine=engine, workers=workers, slots=slots, step_timeout=step_timeout, record=record)
    if isinstance(agent, Agent):
        if engine != "inline" or out is not None or record:
            raise UsageError(
                "an agent object is evaluated in this process and leaves no files; save it for other engines, resumable runs and recordings"
            )
        found = find_environment(env or agent.task.env_id)
        judged = choose_protocol(found, protocol)
        kwargs = environment_arguments(found, env_args or {}, judged) if env or env_args or protocol else dict(agent.task.env_kwargs)
        return evaluate_object(agent, env or found.spec.id, kwargs, protocol_of(judged, episodes, eval_seeds), settings)
    folder = None if out is None else Path(out)
    if (Path(agent) / "agent.json").exists() or not isinstance(agent, str):
        order = order_evaluation(
            weights=Path(agent),
            env=env,
            episodes=episodes,
            eval_seeds=eval_seeds,
            protocol=protocol,
            env_args=env_args or {},
            out=folder,
        )
    elif env is None:
        raise UsageError(f"say which environment {agent} is to be evaluated on, or give the folder of a saved agent")
    else:
        order = order_run(
            agent=agent,
            env=env,
            episodes=episodes,
            seed=seed,
            train_steps=0,
            eval_seeds=eval_seeds,
            protocol=protocol,
            env_args=env_args or {},
            out=folder,
        )
    with open_progress(progress) as shown:
        return carry_out(order, settings, shown).result
