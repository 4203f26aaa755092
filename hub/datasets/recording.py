"""Recording a dataset: by the recipe that a plugin registers, or by letting an agent play."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import cast

from hub.agent import Task
from hub.checkpoints import build_agent, load_agent
from hub.datasets import store
from hub.datasets.collecting import collect
from hub.datasets.drafts import require_free
from hub.datasets.episodes import OfflineDataset, OfflineEpisode
from hub.datasets.provenance import Provenance, RecipeRecord, contents_of
from hub.environments import describe, make
from hub.errors import BrokenPlugin, HubError, UnknownName, UsageError
from hub.loading import load, one_line
from hub.registry import Found, find_dataset, find_environment
from hub.running.configuration import environment_record
from hub.running.orders import Order
from hub.running.progress import Progress
from hub.running.seeds import training_seeds
from hub.running.settings import Settings
from hub.running.versions import versions_of
from hub.running.worlds.layouts import Layout
from hub.running.worlds.leaves import MisfitError
from hub.specs import DatasetSpec

_STORE = "minari[hdf5]"

Recipe = Callable[..., Iterable[OfflineEpisode]]


def record_recipe(name: str, progress: Progress, *, replace: bool = False) -> Provenance:
    """Record the dataset `name` by its registered recipe and return where it comes from.

    Raises:
        UsageError: no recipe has that name, or the dataset is there already and `replace` is false.
        MissingExtra: a package that Minari or the recipe needs is not installed.
        BrokenPlugin: the recipe raises, or makes something else than episodes of its environment.
        HubError: raised by the recipe itself, or the dataset cannot be written.
    """
    found = _recipe_of(name)
    require_free(store.folder_of(name), replace=replace)
    spec, plugin = found.spec, found.plugin
    task = _array_task(describe(spec.env, spec.env_kwargs))
    episodes = list(_made(found, task, progress))
    if not episodes:
        raise BrokenPlugin(f"recipe {spec.recipe} of dataset {name} made no episode; its plugin's authors should hear of it")
    env = find_environment(spec.env)
    provenance = Provenance(
        command=shlex.join(["hub", "data", "record", name]),
        env=environment_record(env, spec.env_kwargs),
        recipe=RecipeRecord(
            function=spec.recipe, kwargs=spec.kwargs, plugin=plugin.name, distribution=plugin.distribution, version=plugin.version
        ),
        versions=versions_of(
            filter(None, [_STORE, plugin.distribution, spec.requires, env.plugin.distribution, env.spec.requires]),
        ),
        contents=contents_of(episodes),
    )
    _keep(name, task, episodes, provenance, replace=replace)
    return provenance


def record_agent(name: str, order: Order, words: Sequence[str], seed: int, progress: Progress, *, replace: bool = False) -> Provenance:
    """Record an agent's episodes as dataset `name` and return where they come from.

    The episodes are played under the arguments of training, from the stream of training seeds that `seed` determines, so that none of them
    is one the environment's protocol evaluates on.

    Args:
        name: `namespace/name-vN`.
        order: agent, environment and number of episodes.
        words: the options that give such an order on the command line, for the command that records the dataset again.
        seed: determines the episodes' seeds.
        progress: is told of episodes.
        replace: whether to put it in the place of a dataset of that name.

    Raises:
        UsageError: the dataset is there already and `replace` is false, a plugin's recipe has its name, or the environment is of another
            kind than datasets hold.
        MissingExtra: Minari is not installed.
        ProtocolViolation: environment or agent broke its contract, or hangs.
        HubError: the dataset cannot be written.
    """
    folder = store.folder_of(name)
    _refuse_recipes_name(name)
    require_free(folder, replace=replace)
    configuration, task = order.configuration, _array_task(order.training_task)
    agent = build_agent(configuration.agent, task) if order.weights is None else load_agent(order.weights, task)
    seeds = list(islice(training_seeds(seed), configuration.protocol.episodes))
    episodes = collect(
        order.env, task.env_kwargs, agent, seeds, max_steps=configuration.protocol.max_steps, settings=Settings(), progress=progress
    )
    provenance = Provenance(
        command=shlex.join(["hub", "data", "record", name, *words]),
        env=configuration.env.model_copy(update={"kwargs": dict(task.env_kwargs)}),
        agent=configuration.agent,
        episode_seeds=f"the first {len(seeds)} of the training seeds that {seed} determines",
        versions=versions_of([_STORE, configuration.agent.distribution, configuration.env.distribution]) | configuration.versions,
        contents=contents_of(episodes),
    )
    _keep(name, task, episodes, provenance, replace=replace)
    return provenance


def _recipe_of(name: str) -> Found[DatasetSpec]:
    try:
        return find_dataset(name)
    except UnknownName as error:
        raise UsageError(f"{error}; to record an agent's episodes under that name, say whose: --agent A --env E") from None


def _made(found: Found[DatasetSpec], task: Task, progress: Progress) -> Iterator[OfflineEpisode]:
    """Yield the recipe's episodes, checked."""
    spec, count, begun = found.spec, 0, False
    function = cast(Recipe, load(spec.recipe, spec.requires))

    def told(done: int, total: int) -> None:
        nonlocal begun
        if not begun:
            progress.begin("record", total, "episodes")
            begun = True
        progress.advance_to(done)

    try:
        for episode in function(spec.env, dict(spec.env_kwargs), told, **spec.kwargs):
            yield _checked(episode, task)
            count += 1
    except (HubError, MemoryError):
        raise
    except Exception as error:
        raise BrokenPlugin(
            f"recipe {spec.recipe} of dataset {spec.name} failed after {count} episodes: {type(error).__name__}: {one_line(error)}"
            f" (--debug shows where); the authors of {found.plugin.distribution} should hear of it"
        ) from error


def _checked(episode: OfflineEpisode, task: Task) -> OfflineEpisode:
    """Return a recipe's episode with its arrays of exactly the spaces' dtypes. Raises `ValueError` or `TypeError` for what is none."""
    if not isinstance(episode, OfflineEpisode):
        raise TypeError(f"it made a {type(episode).__name__} where a hub.OfflineEpisode belongs")
    ended = episode.terminations | episode.truncations
    if not ended[-1] or ended[:-1].any():
        raise ValueError("an episode must be terminated or truncated in its last step and in no other")
    values = {}
    for name, space, rows in (
        ("observations", task.observation_space, episode.length + 1),
        ("actions", task.action_space, episode.length),
    ):
        layout = Layout(space)
        try:
            values[name] = layout.join(layout.accept(getattr(episode, name), rows))
        except MisfitError as misfit:
            raise ValueError(f"{name}, row {misfit.row}{misfit.reason}") from None
    return OfflineEpisode(
        rewards=episode.rewards, terminations=episode.terminations, truncations=episode.truncations, seed=episode.seed, **values
    )


def _array_task(task: Task) -> Task:
    """Return `task` if its episodes can be kept in a dataset. Raises `UsageError` otherwise."""
    if task.players:
        raise UsageError(f"{task.env_id} has several players; a dataset holds episodes of single-agent environments")
    for word, space in (("observations", task.observation_space), ("actions", task.action_space)):
        if not Layout(space).fixed:
            raise UsageError(
                f"{task.env_id} cannot be recorded: a dataset holds arrays (Box, Discrete, MultiDiscrete, MultiBinary, and Dict and Tuple"
                f" of these), and its {word} are {space}"
            )
    return task


def _keep(name: str, task: Task, episodes: Sequence[OfflineEpisode], provenance: Provenance, *, replace: bool) -> None:
    dataset = OfflineDataset(
        name=name,
        env_id=task.env_id,
        env_kwargs=task.env_kwargs,
        observation_space=task.observation_space,
        action_space=task.action_space,
        episodes=tuple(episodes),
    )
    environment = make(task.env_id, **task.env_kwargs)
    try:
        store.write(dataset, provenance, environment, replace=replace)
    finally:
        environment.close()


def _refuse_recipes_name(name: str) -> None:
    try:
        found = find_dataset(name)
    except UnknownName:
        return
    raise UsageError(f"{name} is what the recipe of {found.plugin.distribution} is called; choose another name for an agent's episodes")
