"""What a plugin registers: plain, frozen descriptions. Nothing here imports what it names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

EnvironmentKind = Literal["gymnasium", "parallel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentSpec:
    """An environment, named by its Gymnasium id.

    Attributes:
        id: `namespace/Name-v0`; the namespace must be the plugin's own (the name of its entry point).
        entry_point: `"module:Class"` of a `gymnasium.Env`, or of a PettingZoo `ParallelEnv` when `kind` is `"parallel"`.
        vector_entry_point: `"module:Class"` of a native `gymnasium.vector.VectorEnv`, called with `num_envs=`.
            By registering one you promise what the evaluator relies on: `reset(seed=[...], options={"reset_mask": mask})`
            starts exactly the masked slots, each from its own seed; with `autoreset_mode=AutoresetMode.DISABLED` no slot restarts by
            itself; and a slot computes bit for bit what the single environment computes. It may have `retire(mask)`, which leaves the
            masked slots out of all steps until they are reset, their rows of actions ignored; else the evaluator restarts before every
            step the slots that no episode is left for, which costs.

            Of a parallel environment of P players alike, which training alone plays in, each slot is a whole game and every array has an
            axis of players: observations and actions of one slot are `batch_space(space of one player, P)`, and `players` names them in
            that order. `infos` hold arrays (n, P) with Gymnasium's masks: `rewards`, `terminated`, `truncated`, who `acted` in the step,
            and what the players' own infos say. Players out of the game get zeros and their actions are ignored. A slot's reward is the
            sum; it ends when nobody is left, truncated if anybody left so in the last step. `in_game`, bool (n, P), says who plays on;
            `state()`, float32 `(n, *state_space.shape)`, gives what PettingZoo's `state()` gives, if that has a `state_space`.
        kind: `"gymnasium"` or `"parallel"`.
        kwargs: default keyword arguments of the entry point (JSON values).
        max_episode_steps: time limit that Gymnasium's `TimeLimit` enforces; None when the environment truncates by itself or never.
        model: tag of the problem model that `env.unwrapped.model` gives to planning agents, e.g. `"hub_envs.cormab:Problem"`.
        deterministic: whether seed and actions determine an episode; False for real devices and whatever else no receipt can replay;
            `"outcomes"` where they determine rewards and ends, but what is seen depends on fonts and programs of the machine.
        slots: episodes played side by side in each process when nobody says (`--slots`): few for what is heavy, a desktop each; None
            takes 16.
        requires: pip requirement that brings what the entry point imports, e.g. `"gymhub-envs[cormab]"`.
        summary: one line for listings.
    """

    id: str
    entry_point: str
    vector_entry_point: str | None = None
    kind: EnvironmentKind = "gymnasium"
    kwargs: dict[str, Any] = field(default_factory=dict)
    max_episode_steps: int | None = None
    model: str | None = None
    deterministic: bool | Literal["outcomes"] = True
    slots: int | None = None
    requires: str | None = None
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSpec:
    """An agent, named in lower case.

    Attributes:
        name: e.g. `sequoia`; `PLUGIN/sequoia` says which plugin's when two register the same.
        entry_point: `"module:Class"` of a `hub.Agent`.
        requires: pip requirement that brings what the entry point imports.
        paper: name of the paper it implements, if any.
        summary: one line for listings.
    """

    name: str
    entry_point: str
    requires: str | None = None
    paper: str | None = None
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolSpec:
    """How an environment is judged. A change that changes scores is a new `version`.

    Attributes:
        name: e.g. `cormab-matching`; the first registered protocol of an environment is its default.
        version: counts up from 1.
        env: the environment's id.
        tasks: keyword arguments of the environment, one mapping for each task of the leaderboard; the first is what `hub run` plays by
            default.
        episodes: episodes evaluated for each task.
        metric: `"return"` (undiscounted sum of rewards) or a key of `metrics`.
        metrics: numbers read from `info[key]` at every step, and how an episode combines them: `"mean"`, `"sum"` or `"last"`.
            In a parallel environment every player's info must give the number in each step that the player acts in; it is combined over
            the player's own steps, then averaged over the players. `"return"` stays the sum of all players' rewards.
        beside: keys of `metrics` whose means every table shows beside the score: what a good score could be bought with, such as speed
            beside safety.
        higher_is_better: direction of `metric`.
        train_steps: most environment steps an agent may train for; None sets no limit.
        max_steps: most steps of an episode, on top of the environment's own limit; None sets none.
        max_seconds: wall-clock limit of an episode, reset not counted: the first step that ends after it truncates it; None sets none.
            Of real devices, and whatever else a clock must stop. Scores then depend on the machine, and on how many episodes play side
            by side, since they step together; the result marks the episodes that the clock ended, and a replay ends them there too.
        upper_bound: `"module:function"`, called with the environment, returns a number no policy's expected metric exceeds on that task.
        null_agents: agents that every leaderboard of this protocol carries.
        training_kwargs: keyword arguments laid over the environment's while an agent trains: `{"levels": "train"}` beside tasks with
            `{"levels": "test"}`. No `--env-arg` changes them, so what is held back stays held back; other arguments are those evaluated.
            Where that makes a difference, a run plays its seeds once more under training's arguments, and the result tells the gap.
    """

    name: str
    version: int = 1
    env: str
    tasks: tuple[dict[str, Any], ...] = ({},)
    episodes: int = 100
    metric: str = "return"
    metrics: dict[str, Literal["mean", "sum", "last"]] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    higher_is_better: bool = True
    train_steps: int | None = None
    max_steps: int | None = None
    max_seconds: float | None = None
    upper_bound: str | None = None
    null_agents: tuple[str, ...] = ("random",)
    training_kwargs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSpec:
    """A citation with its published claims.

    Attributes:
        name: short name, e.g. `sequoia`.
        title: the paper's title.
        authors: as printed.
        year: of publication.
        url: where to read it.
        claims: sentences of the paper that runs can confirm or refute.
        reproduction: `"module:function"`, called without arguments, returns the `hub.Reproduction` that `hub reproduce` runs; imported
            by that command alone. None when the paper has none.
    """

    name: str
    title: str
    authors: str
    year: int
    url: str
    claims: tuple[str, ...] = ()
    reproduction: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSpec:
    """A dataset of episodes that a recipe records anew at any time: `hub data record NAME`.

    Attributes:
        name: Minari's form `namespace/name-v0`, beginning with the plugin's own namespace: `acme/maze/expert-v0` in plugin `acme`.
        env: id of the environment that the episodes are of.
        env_kwargs: keyword arguments it is built with.
        recipe: `"module:function"`, called as `function(env, env_kwargs, progress, **kwargs)`, returns an iterable of `hub.OfflineEpisode`,
            the same ones every time. It calls `progress(done, total)` with numbers of episodes as it goes on.
        kwargs: keyword arguments of the recipe (JSON values).
        requires: pip requirement that brings what the recipe imports.
        summary: one line for listings.
    """

    name: str
    env: str
    recipe: str
    env_kwargs: dict[str, Any] = field(default_factory=dict)
    kwargs: dict[str, Any] = field(default_factory=dict)
    requires: str | None = None
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckupSpec:
    """What `hub doctor` looks into: whether a machine has what a plugin's environments or agents need beside Python packages.

    Attributes:
        name: the plugin's name, or `PLUGIN/...` where it has several.
        function: `"module:function"`, called without arguments, returns an iterable of mappings, one for each thing looked for:
            `name`, `ok`, `detail` (what was found, or what is wrong, on one line) and `remedy` (the command that mends it, or None).
            It imports nothing heavy, starts nothing that stays, and does not raise for what is missing.
        summary: one line for listings.
        requires: pip requirement that brings what the function imports.
    """

    name: str
    function: str
    summary: str = ""
    requires: str | None = None


DESCRIPTIONS: dict[str, type] = {
    "environments": EnvironmentSpec,
    "agents": AgentSpec,
    "protocols": ProtocolSpec,
    "papers": PaperSpec,
    "datasets": DatasetSpec,
    "checkups": CheckupSpec,
}
"""What each hook `hub_KIND` returns."""
