"""Train an agent and save it, without evaluating it.

Leaves agent/ (agent.json and weights.safetensors) in the folder of the run; `hub eval --weights DIR/agent` evaluates it. The same command
again takes up a training that was killed, if the agent saves it on the way, or says that the agent is there already.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from hub.running.options import add_names, add_protocol, command_line, reserved_output, terminable, whole


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    add_names(parser)
    add_protocol(parser)
    parser.add_argument(
        "--train-steps", type=whole("--train-steps", 0), metavar="T", help="environment steps to train for (the agent's default)"
    )


def run(arguments: Namespace) -> int:
    """Train and return the exit code."""
    import sys

    from hub.running.orders import order_run
    from hub.running.preparation import standing, train_only
    from hub.running.progress import open_progress

    with reserved_output(arguments.json) as output, terminable():
        order = order_run(
            agent=arguments.agent,
            env=arguments.env,
            seed=arguments.seed,
            train_steps=arguments.train_steps,
            protocol=arguments.protocol,
            env_args=arguments.env_arg,
            agent_args=arguments.agent_arg,
            out=arguments.out,
        )
        try:
            with open_progress() as progress:
                folder, record, repeated = train_only(order, arguments.step_timeout, progress)
        except KeyboardInterrupt:
            print(f"hub: interrupted; {standing(order)}: {command_line('train', arguments)}", file=sys.stderr)
            return 130
        if arguments.json:
            print((folder / "agent.json").read_text(encoding="utf-8"), end="", file=output)
        else:
            before = ", trained before; nothing was run again" if repeated else ""
            print(f"{record.name}: {record.train_steps:,} training steps on {order.configuration.env.id}{before}", file=output)
            print(f"agent: {folder}", file=output)
    return 0
