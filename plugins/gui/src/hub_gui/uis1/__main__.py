"""`python -m hub_gui.uis1`: train a Hugging Face checkpoint by UI-S1, and measure one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hub.errors import HubError
from hub_gui.uis1.rewards import REWARDS
from hub_gui.uis1.semi_online import OFFLINE, Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        asked.run(asked)
    except HubError as error:
        print(f"{Path(sys.argv[0]).name}: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _train(asked: argparse.Namespace) -> None:
    from hub_gui.uis1.checkpoint import Run, train

    settings = Settings(
        gamma=asked.gamma,
        eps=asked.eps,
        omega=asked.omega,
        eta=None if asked.eta < 0 else asked.eta,
        episode_mode=asked.episode_mode,
        rewards=asked.rewards,
        traces=asked.batch,
        copies=asked.copies,
        minibatches=asked.minibatches,
        kl=asked.kl,
        rows_at_once=asked.rows_at_once,
    )
    if asked.offline:
        settings = replace(settings, **OFFLINE)
    train(
        Run(
            checkpoint=asked.checkpoint,
            traces=asked.traces,
            out=asked.out,
            updates=asked.updates,
            learning_rate=asked.learning_rate,
            seed=asked.seed,
            max_tokens=asked.max_tokens,
            lora=asked.lora,
            device=asked.device,
            dtype=asked.dtype,
            save_every=asked.save_every,
            settings=settings,
        )
    )


def _measure(asked: argparse.Namespace) -> None:
    from hub_gui.uis1.checkpoint import measured

    sop = measured(asked.checkpoint, asked.traces, max_tokens=asked.max_tokens, device=asked.device, dtype=asked.dtype)
    print(f"SOP: PG {100 * sop.progress:.2f}, TSR {100 * sop.success:.2f}, score {100 * sop.score:.2f}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m hub_gui.uis1", description=__doc__)
    commands = parser.add_subparsers(required=True)
    train = commands.add_parser("train", help="train a checkpoint on recorded episodes")
    measure = commands.add_parser("measure", help="tell a checkpoint's SOP on recorded episodes")
    train.set_defaults(run=_train)
    measure.set_defaults(run=_measure)
    for command in (train, measure):
        command.add_argument("--checkpoint", type=Path, required=True, metavar="DIR", help="a Hugging Face checkpoint with a chat template")
        command.add_argument("--traces", type=Path, required=True, metavar="FILE", help="JSON lines; see hub_envs.androidcontrol.traces")
        command.add_argument("--max-tokens", type=int, default=512, metavar="N", help="most tokens of an output (512)")
        command.add_argument("--device", default="cpu", help="torch's name of a device (cpu)")
        command.add_argument("--dtype", default="float32", choices=("float32", "bfloat16", "float16"), help="of the weights (float32)")
    _add_training(train)
    return parser


def _add_training(train: argparse.ArgumentParser) -> None:
    usual = Settings()
    train.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the trained checkpoint")
    train.add_argument("--updates", type=int, default=300, metavar="N", help="updates of the policy (300)")
    train.add_argument("--learning-rate", type=float, default=1e-6, metavar="R", help="Adam's (1e-6)")
    train.add_argument("--seed", type=int, default=0, help="of everything random (0)")
    train.add_argument("--lora", type=int, default=0, metavar="RANK", help="train low-rank adapters alone (0: all weights)")
    train.add_argument("--save-every", type=int, default=50, metavar="N", help="updates between two saves (50)")
    train.add_argument("--gamma", type=float, default=usual.gamma, help="discount of returns (%(default)s)")
    train.add_argument("--eps", type=float, default=usual.eps, help="most patches of a rollout, inf for no limit (%(default)s)")
    train.add_argument("--omega", type=float, default=usual.omega, help="weight of the step advantage (%(default)s)")
    train.add_argument("--eta", type=float, default=usual.eta, help="least spread of a trace's returns, negative for none (%(default)s)")
    train.add_argument(
        "--episode-mode", default=usual.episode_mode, choices=("code", "paper", "none"), help="episode advantage (%(default)s)"
    )
    train.add_argument("--rewards", default=usual.rewards, choices=tuple(REWARDS), help="constants of the reward (%(default)s)")
    train.add_argument("--offline", action="store_true", help="offline RL, each step by itself: sets gamma, eta, episode mode")
    train.add_argument("--batch", type=int, default=usual.traces, metavar="N", help="traces of an update (%(default)s)")
    train.add_argument("--copies", type=int, default=usual.copies, metavar="N", help="rollouts of each trace (%(default)s)")
    train.add_argument("--minibatches", type=int, default=usual.minibatches, metavar="N", help="optimiser steps of an update (%(default)s)")
    train.add_argument("--kl", type=float, default=usual.kl, help="weight of the divergence from the start (%(default)s); 0 saves memory")
    train.add_argument("--rows-at-once", type=int, metavar="N", help="outputs that go through the model together (all)")


if __name__ == "__main__":
    sys.exit(main())
