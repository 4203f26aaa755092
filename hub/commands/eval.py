"""Evaluate a saved agent (--weights DIR), or an untrained one (--agent A --env E).

DIR is the folder that `hub train` or `hub run` wrote: RUN/agent. Without --env the agent plays the environment that it was trained on.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from hub.errors import UsageError
from hub.running.options import add_evaluation, add_names

if TYPE_CHECKING:
    from hub.running.orders import Order


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--weights", metavar="DIR", help="folder of the saved agent")
    add_names(parser, required=False)
    add_evaluation(parser)


def run(arguments: Namespace) -> int:
    """Carry out the evaluation and return the exit code."""
    from hub.running.outcome import show_outcome

    return show_outcome("eval", arguments, lambda: _order(arguments))


def _order(arguments: Namespace) -> Order:
    from hub.running.orders import order_evaluation, order_run

    if arguments.weights is not None:
        if arguments.seed:
            raise UsageError(f"a saved agent keeps the seed it was built with; leave out --seed {arguments.seed}")
        return order_evaluation(
            weights=arguments.weights,
            agent=arguments.agent,
            env=arguments.env,
            episodes=arguments.episodes,
            eval_seeds=arguments.eval_seeds,
            protocol=arguments.protocol,
            env_args=arguments.env_arg,
            agent_args=arguments.agent_arg,
            out=arguments.out,
        )
    if arguments.agent is None or arguments.env is None:
        raise UsageError("say what to evaluate: --weights DIR for a saved agent, or --agent A --env E for an untrained one")
    return order_run(
        agent=arguments.agent,
        env=arguments.env,
        episodes=arguments.episodes,
        seed=arguments.seed,
        train_steps=0,
        eval_seeds=arguments.eval_seeds,
        protocol=arguments.protocol,
        env_args=arguments.env_arg,
        agent_args=arguments.agent_arg,
        out=arguments.out,
    )
