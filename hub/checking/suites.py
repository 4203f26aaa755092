"""The checks, in the order in which they run and are reported."""

from __future__ import annotations

import inspect
import traceback
import warnings
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from hub.checking import (
    aliasing,
    batches,
    copies,
    description,
    determinism,
    games,
    processes,
    randomness,
    rendering,
    spaces,
    surroundings,
    values,
)
from hub.checking.subjects import Subject
from hub.checking.verdicts import FaultError, NotApplicableError, Row, failed, one_line

Check = Callable[[Any], str | None]

COMMON_CHECKS: tuple[Check, ...] = (
    description.builds_and_plays,
    description.registered_class,
    description.arguments_are_json,
    description.docstring_tells,
    description.reset_takes_seed_and_options,
    spaces.spaces_are_sound,
    spaces.spaces_equal_everywhere,
    spaces.spaces_stay,
    spaces.spaces_pickle,
    values.observations_in_space,
    values.observation_types,
    values.rewards_are_numbers,
    values.ends_are_bools,
    values.infos_are_dicts,
    values.extreme_actions,
    determinism.same_seed_same_episode,
    determinism.reset_forgets,
    determinism.reset_in_mid_episode,
    determinism.step_after_end,
    determinism.seeds_differ,
    determinism.unseeded_resets_go_on,
    determinism.unseeded_instances_differ,
    determinism.instances_independent,
    determinism.independent_of_clock,
    randomness.global_random_not_read,
    randomness.global_random_not_written,
    aliasing.returned_values_stay,
    aliasing.returned_arrays_detached,
    aliasing.actions_not_modified,
    aliasing.actions_detached,
    copies.pickled_copy_goes_on,
    copies.deep_copy_goes_on,
    copies.saved_state_restores,
    rendering.render_modes_declared,
    rendering.frames_are_pictures,
    rendering.rendering_changes_nothing,
    surroundings.prints_nothing,
    surroundings.process_unchanged,
    surroundings.close_twice,
    surroundings.close_releases,
    processes.spawned_process_agrees,
    processes.hash_seeds_agree,
)
"""Checks of every environment, with one player or several."""

SINGLE_CHECKS: tuple[Check, ...] = (
    values.time_limit,
    batches.batch_spaces_agree,
    batches.batch_equals_single,
    batches.batch_infos_agree,
    batches.batch_values_stay,
    batches.batch_resets_only_masked,
    batches.batch_never_restarts,
)
"""Checks of Gymnasium environments only."""


REPEATING_CHECKS: frozenset[Check] = frozenset(
    (
        determinism.same_seed_same_episode,
        determinism.reset_forgets,
        determinism.reset_in_mid_episode,
        determinism.step_after_end,
        determinism.unseeded_resets_go_on,
        determinism.instances_independent,
        determinism.independent_of_clock,
        randomness.global_random_not_read,
        aliasing.returned_arrays_detached,
        aliasing.actions_detached,
        copies.pickled_copy_goes_on,
        copies.deep_copy_goes_on,
        copies.saved_state_restores,
        rendering.rendering_changes_nothing,
        processes.spawned_process_agrees,
        processes.hash_seeds_agree,
        batches.batch_equals_single,
        batches.batch_infos_agree,
        games.game_batch_equals_parallel,
    )
)
"""Checks that play an episode again; they say nothing of an environment registered as not deterministic."""


def parallel_checks() -> tuple[Check, ...]:
    """Return the checks of PettingZoo parallel environments only; PettingZoo is imported for them."""
    from hub.checking import parallel

    return (
        parallel.pettingzoo_agrees,
        parallel.players_are_consistent,
        parallel.ends_remove_players,
        parallel.player_spaces_are_kept,
        games.game_batch_spaces_agree,
        games.game_batch_equals_parallel,
        batches.batch_values_stay,
        batches.batch_resets_only_masked,
    )


def agent_checks() -> tuple[Check, ...]:
    """Return the checks of agents; the evaluator is imported for them."""
    from hub.checking import agent_checks as checks

    return (
        checks.plays_within_action_space,
        checks.agent_docstring_tells,
        checks.episode_seed_decides,
        checks.begin_forgets,
        checks.rows_are_independent,
        checks.row_order_is_free,
        checks.observations_not_modified,
        checks.returned_actions_stay,
        checks.agent_ignores_global_random,
        checks.agent_leaves_global_random,
        checks.weights_round_trip,
        checks.saved_weights_are_snapshots,
        checks.agent_prints_nothing,
        processes.spawned_process_agrees,
        processes.hash_seeds_agree,
    )


def suite(subject: Any) -> tuple[Check, ...]:
    """Return the checks that concern `subject`."""
    if not isinstance(subject, Subject):
        return agent_checks()
    parallel = subject.spec is not None and subject.spec.kind == "parallel"
    return COMMON_CHECKS + (parallel_checks() if parallel else SINGLE_CHECKS)


def name_of(check: Check) -> str:
    """Return the check's name in reports: `same-seed-same-episode`."""
    return check.__name__.replace("_", "-")


def promise_of(check: Check) -> str:
    """Return what a subject that passes `check` promises: the first line of its docstring."""
    return (inspect.getdoc(check) or "").partition("\n")[0]


def run_checks(
    subject: Any, checks: tuple[Check, ...], skip: Collection[str] = (), begin: Callable[[str], None] | None = None
) -> Iterator[Row]:
    """Run `checks` but those named in `skip` and yield their rows; `begin` hears the name of each before it runs."""
    for check in checks:
        if name_of(check) not in skip:
            if begin is not None:
                begin(name_of(check))
            yield run_check(check, subject)


def run_check(check: Check, subject: Any) -> Row:
    """Run one check; an exception that the subject lets out is a failure, told with its place in the code."""
    name = name_of(check)
    if check in REPEATING_CHECKS and isinstance(subject, Subject) and subject.spec is not None and not subject.spec.deterministic:
        return Row(check=name, state="not applicable", advice="the environment is registered as not deterministic")
    try:
        with warnings.catch_warnings(), surroundings.put_back():
            warnings.simplefilter("ignore")
            advice = check(subject)
    except NotApplicableError as reason:
        return Row(check=name, state="not applicable", advice=str(reason))
    except FaultError as fault:
        return failed(name, fault)
    except (Exception, SystemExit) as error:
        return failed(name, FaultError(f"raised {one_line(error)}", where=_origin(error), right="no exception"))
    return Row(check=name, state="passed", advice=advice or "")


def _origin(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}"
