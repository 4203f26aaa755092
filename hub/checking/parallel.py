"""Checks that only PettingZoo parallel environments need: who plays, and who is out."""

from __future__ import annotations

import contextlib
import io
from typing import Any

from hub.checking.subjects import Subject
from hub.checking.transcripts import Playthrough
from hub.checking.verdicts import FaultError, NotApplicableError, one_line


def pettingzoo_agrees(subject: Subject) -> None:
    """PettingZoo's own test of parallel environments passes."""
    try:
        from pettingzoo.test import parallel_api_test  # imports a board game, and with it pygame
    except ModuleNotFoundError as error:
        raise NotApplicableError(f"PettingZoo's tests need {error.name}, which is not installed") from None
    subject.require_playable()
    with subject.opened() as env, contextlib.redirect_stdout(io.StringIO()):
        try:
            parallel_api_test(env, num_cycles=min(subject.plan.steps, 200))
        except AssertionError as error:
            raise FaultError(
                f"pettingzoo.test.parallel_api_test: {one_line(error)}", where="parallel_api_test", right="it passes"
            ) from error


def players_are_consistent(subject: Subject) -> None:
    """Every player in the game gets all five values, nobody comes back in mid-episode, and all come from possible_agents."""
    subject.require_playable()
    with subject.opened() as env:
        possible = list(env.possible_agents)
        if len(set(possible)) != len(possible) or not possible:
            raise FaultError(f"possible_agents is {possible}", where="possible_agents", right="a list of distinct names")
        gone: set[Any] = set()
        live: set[Any] = set()

        def look(playthrough: Playthrough) -> None:
            if playthrough.transcript.length == 0:
                gone.clear()
                live.clear()
                live.update(env.agents)
            _require_values(playthrough, live, set(possible))
            back = gone & set(env.agents)
            if back:
                raise FaultError(
                    f"{min(map(str, back))} came back after its end",
                    where=playthrough.where("agents"),
                    right="who is out stays out until reset",
                )
            gone.update(live - set(env.agents))
            live.intersection_update(env.agents)

        subject.play_whole(env, after=look)


def ends_remove_players(subject: Subject) -> None:
    """A player whose episode is terminated or truncated leaves env.agents at that step, and only then."""
    subject.require_playable()
    with subject.opened() as env:

        def look(playthrough: Playthrough) -> None:
            if len(playthrough.returned) != 5:
                return
            _, _, terminated, truncated, _ = playthrough.returned
            for player, over in terminated.items():
                ended = bool(over) or bool(truncated[player])
                if ended == (player in env.agents):
                    state = "ended and is still in agents" if ended else "left agents without an end"
                    raise FaultError(
                        f"{player} {state}", where=playthrough.where("agents"), right="agents holds exactly the players that go on"
                    )

        subject.play_whole(env, after=look)


def player_spaces_are_kept(subject: Subject) -> None:
    """observation_space(player) and action_space(player) give the same object at every call, so that seeding it has an effect."""
    subject.require_playable()
    with subject.opened() as env:
        for player in env.possible_agents:
            for name in ("observation_space", "action_space"):
                if getattr(env, name)(player) is not getattr(env, name)(player):
                    raise FaultError(
                        f"{name}({player!r}) gives a new space at every call",
                        where=name,
                        right="the same object; functools.lru_cache does it",
                    )


def _require_values(playthrough: Playthrough, live: set[Any], possible: set[Any]) -> None:
    names = ("observation", "info") if len(playthrough.returned) == 2 else ("observation", "reward", "terminated", "truncated", "info")
    for name, value in zip(names, playthrough.returned, strict=True):
        if not isinstance(value, dict):
            raise FaultError(f"{name} is a {type(value).__name__}", where=playthrough.where(), right="a dict with an entry for each player")
        if live - set(value):
            raise FaultError(
                f"{min(map(str, live - set(value)))} got no {name}",
                where=playthrough.where(name),
                right="an entry for every player in the game",
            )
    strangers = set(playthrough.env.agents) - possible
    if strangers:
        raise FaultError(
            f"agents holds {min(map(str, strangers))}", where=playthrough.where("agents"), right="only names of possible_agents"
        )
