"""Train an agent, evaluate it under the environment's protocol, compare.

Leaves result.json, cost.json, journal.sqlite and agent/ in the folder of the run. The same command takes up an interrupted run; a finished
one is shown again. The result does not depend on --slots, --engine, --workers or interruptions.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from hub.running.options import add_evaluation, add_names, whole


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_names(parser)
    parser.add_argument(
        "--train-steps", type=whole("--train-steps", 0), metavar="T", help="environment steps to train for (the agent's default)"
    )
    add_evaluation(parser)


def run(arguments: Namespace) -> int:
    """Carry out the run and return the exit code."""
    from hub.running.orders import order_run
    from hub.running.outcome import show_outcome

    return show_outcome(
        "run",
        arguments,
        lambda: order_run(
            agent=arguments.agent,
            env=arguments.env,
            episodes=arguments.episodes,
            seed=arguments.seed,
            train_steps=arguments.train_steps,
            eval_seeds=arguments.eval_seeds,
            protocol=arguments.protocol,
            env_args=arguments.env_arg,
            agent_args=arguments.agent_arg,
            out=arguments.out,
        ),
    )
