"""Test an environment, an agent or all that a plugin registers for conformance.

The checks run in another process, each with a time limit, so a subject that hangs, exits or crashes is reported. Exit code 0: nothing
failed; 1: a check failed; 2: usage.

Examples:
  hub check CartPole-v1
  hub check cormab-matching --env-arg arms=10 --episodes 5
  hub check ppo --env CartPole-v1
  hub check cormab --json
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from hub.checking.targets import Target
    from hub.checking.verdicts import Row

    Report = tuple[str, str, list[Row]]


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("name", metavar="NAME", help="environment (any id that Gymnasium knows, module:id too), agent or plugin")
    parser.add_argument(
        "--as", dest="kind", choices=("environment", "agent", "plugin"), help="which NAME means, where it is the name of several"
    )
    parser.add_argument("--env", metavar="E", help="environment that an agent is checked on; by default the first that suits it")
    parser.add_argument("--env-arg", action="append", default=[], metavar="KEY=VALUE", help="argument of the environment")
    parser.add_argument("--agent-arg", action="append", default=[], metavar="KEY=VALUE", help="argument of the agent")
    parser.add_argument("--episodes", type=int, default=3, metavar="N", help="whole episodes to play at least (3)")
    parser.add_argument(
        "--steps", type=int, default=1000, metavar="N", help="steps to play at least over whole episodes, and at most in one (1000)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="seed of the first episode (0)")
    parser.add_argument("--timeout", type=float, default=60.0, metavar="SECONDS", help="most seconds one check may take (60)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: Namespace) -> int:
    """Check and print the report."""
    from hub.checking import report
    from hub.checking.subjects import Plan
    from hub.checking.targets import targets
    from hub.running.options import reserved_output

    _require_sensible(arguments)
    plan = Plan(seed=arguments.seed, episodes=arguments.episodes, steps=arguments.steps)
    with reserved_output(arguments.json) as output:
        asked = targets(
            arguments.name, plan, kind=arguments.kind, env=arguments.env, env_args=arguments.env_arg, agent_args=arguments.agent_arg
        )
        reports: list[Report] = [_check(target, arguments) for target in asked]
        if arguments.json:
            import json

            print(json.dumps(report.as_json(arguments.name, reports), indent=1), file=output)
        elif not asked:
            print(f"{arguments.name} registers neither environments nor agents: nothing to check")
    return 0 if report.passed(reports) else 1


def _check(target: Target, arguments: Namespace) -> Report:
    from rich.console import Console

    from hub.checking.isolation import check_isolated
    from hub.checking.report import print_table

    with Console(stderr=True).status(f"checking {target.name}") as status:
        rows = check_isolated(target.job, arguments.timeout, lambda row: status.update(f"checking {target.name}: {row.check} {row.state}"))
    if not arguments.json:
        print_table(Console(), target.kind, target.name, rows)
    return target.kind, target.name, rows


def _require_sensible(arguments: Namespace) -> None:
    from hub.errors import UsageError

    for option, least in (("episodes", 1), ("steps", 1), ("seed", 0)):
        if getattr(arguments, option) < least:
            raise UsageError(f"--{option} must be at least {least}, not {getattr(arguments, option)}")
    if not arguments.timeout > 0:
        raise UsageError(f"--timeout must be a positive number of seconds, not {arguments.timeout:g}")
