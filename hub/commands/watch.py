"""Watch an episode in a window, or write it as a GIF or MP4, or as a page that steps through it.

    hub watch RESULT [--episode I]                        replays a recorded episode from its receipt, without the agent
    hub watch RESULT [--episode I] --page FILE.html       shows screens, actions and the agent's words of a run with --record
    hub watch --agent A --env E [--weights DIR]           lets an agent play an evaluation episode

Opens a window unless --out names a film or --page a page. Without a recording the page is made by replaying the receipt. A replay
that differs from its receipt is shown all the same, and ends with exit code 1.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("result", nargs="?", metavar="RESULT", help="result file, or the folder of a run")
    parser.add_argument("--episode", type=int, default=0, metavar="I", help="index of the episode (default: 0)")
    parser.add_argument("--agent", metavar="NAME", help="agent that plays")
    parser.add_argument("--env", metavar="NAME", help="environment it plays in")
    parser.add_argument("--weights", metavar="DIR", help="checkpoint of the agent; an untrained one plays when left out")
    parser.add_argument(
        "--agent-arg", action="append", default=[], metavar="KEY=VALUE", help="setting of the agent; may be given several times"
    )
    parser.add_argument(
        "--env-arg", action="append", default=[], metavar="KEY=VALUE", help="setting of the environment; may be given several times"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="the untrained agent's seed (default: 0)")
    parser.add_argument("--out", metavar="FILE", help="write FILE.gif or FILE.mp4 instead of opening a window")
    parser.add_argument("--page", metavar="FILE", help="write FILE.html, which a browser shows step by step (arrow keys, space)")


def run(arguments: Namespace) -> int:
    """Show the episode; 1 when a replay differs from its receipt."""
    from hub.errors import UsageError

    live = [option for option in ("agent", "env", "weights", "agent_arg", "env_arg", "seed") if getattr(arguments, option)]
    if arguments.page is not None:
        _require_page(arguments)
    if arguments.result is None:
        if not arguments.weights and not (arguments.agent and arguments.env):
            raise UsageError("give a RESULT to replay, or --agent and --env, or --weights")
        if arguments.weights and arguments.seed:
            raise UsageError(f"a saved agent keeps the seed it was built with; leave out --seed {arguments.seed}")
        return _watch_live(arguments)
    if live:
        raise UsageError(f"a RESULT is replayed as it was recorded; leave out --{live[0].replace('_', '-')}")
    return _watch_recorded(arguments) if arguments.page is None else _write_page(arguments)


def _require_page(arguments: Namespace) -> None:
    from pathlib import Path

    from hub.errors import UsageError

    if Path(arguments.page).suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"a page is written as .html, not as {Path(arguments.page).name!r}")
    if arguments.out is not None:
        raise UsageError("give either --out or --page")
    if arguments.result is None:
        raise UsageError("a page is made of a RESULT: let the agent play with `hub run --record`, then give the run's folder")


def _write_page(arguments: Namespace) -> int:
    from pathlib import Path

    from hub.results.files import read_result
    from hub.results.page import shown_episode, write_page

    result, place = read_result(arguments.result), Path(arguments.result)
    with shown_episode(result, place if place.is_dir() else place.parent, arguments.episode) as shown:
        write_page(result, shown, Path(arguments.page))
    if shown.differing:
        print(f"episode {arguments.episode} did not replay as recorded: its {' and '.join(shown.differing)} differ; wrote {arguments.page}")
        return 1
    source = "replayed" if shown.replayed else "recorded"
    print(f"episode {arguments.episode} of {result.agent.name} on {result.env.id}, {source}; wrote {arguments.page}")
    return 0


def _watch_recorded(arguments: Namespace) -> int:
    from hub.results.files import read_result
    from hub.results.watch import watch_recorded

    result = read_result(arguments.result)
    differing = watch_recorded(result, arguments.episode, arguments.out)
    if differing:
        print(f"episode {arguments.episode} did not replay as recorded: its {' and '.join(differing)} differ (`hub verify` says more)")
        return 1
    print(f"episode {arguments.episode} of {result.agent.name} on {result.env.id} replayed as recorded{_where(arguments)}")
    return 0


def _watch_live(arguments: Namespace) -> int:
    from hub.checkpoints import build_agent, load_agent
    from hub.errors import UsageError
    from hub.results.watch import watch_agent
    from hub.running.loop import Rules
    from hub.running.orders import order_evaluation, order_run
    from hub.running.seeds import evaluation_seeds

    if arguments.episode < 0:
        raise UsageError(f"--episode must be at least 0, not {arguments.episode}")
    settings = {"env_args": arguments.env_arg, "agent_args": arguments.agent_arg}
    if arguments.weights:
        order = order_evaluation(weights=arguments.weights, agent=arguments.agent, env=arguments.env, **settings)
        agent = load_agent(arguments.weights, order.task)
    else:
        order = order_run(agent=arguments.agent, env=arguments.env, seed=arguments.seed, **settings)
        agent = build_agent(order.configuration.agent, order.task)
    protocol = order.configuration.protocol
    seed = evaluation_seeds(protocol.name, protocol.version, order.configuration.env.id, arguments.episode + 1)[-1]
    rules = Rules(metrics=protocol.metrics, max_steps=protocol.max_steps, max_seconds=protocol.max_seconds, record_actions=False)
    episode = watch_agent(order.task, agent, seed, rules, arguments.out)
    pair = f"{order.configuration.agent.name} on {order.configuration.env.id}"
    print(f"{pair}: return {episode.return_:.6g} in {episode.length} steps{_where(arguments)}")
    return 0


def _where(arguments: Namespace) -> str:
    return f"; wrote {arguments.out}" if arguments.out else ""
