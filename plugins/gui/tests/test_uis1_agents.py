"""UI-S1's agents over forms: whose steps they spend, that they repeat, save and play, and what they learn."""

import copy

import numpy as np
import pytest
import torch
from hub_baselines.relative.tiny import NotePolicy
from hub_envs.memo import FormEnv, Layout, Traces
from hub_gui.uis1.agents import SFT, UIS1, Base, Offline
from hub_gui.uis1.forms import FormTrace, recorded
from hub_gui.uis1.rewards import Level
from hub_gui.uis1.semi_online import Settings, Trainer

import hub
from hub.errors import UsageError
from hub.training import Training

QUICK = {"warm_steps": 5}
FEW = {**QUICK, "updates": 2, "traces": 4, "copies": 3}


def task(**kwargs):
    env = FormEnv(**kwargs)
    return hub.Task(
        env_id="memo/Form-v0",
        env_kwargs=kwargs,
        observation_space=env.observation_space,
        action_space=env.action_space,
        model=env.model,
        model_tag="hub_envs.memo:Traces",
    )


def trained(kind, seed=0, steps=100, **settings):
    agent = kind(task(), seed=seed, **settings)
    training = Training(agent.task, steps=steps, seed=seed)
    agent.learn(training)
    return agent, training


@pytest.mark.parametrize(("kind", "settings"), [(Base, QUICK), (SFT, {**QUICK, "sft_steps": 3}), (Offline, FEW), (UIS1, FEW)])
def test_training_repeats_is_saved_and_spends_the_experts_steps_alone(kind, settings):
    agent, training = trained(kind, **settings)
    again, _ = trained(kind, **settings)
    other, _ = trained(kind, seed=1, **settings)
    assert training.done == 100
    weights = agent.weights()
    assert all((weights[name] == again.weights()[name]).all() for name in weights)
    assert any((weights[name] != other.weights()[name]).any() for name in weights)
    fresh = kind(task(), seed=3, **settings)
    fresh.load_weights(weights)
    assert (played(fresh) == played(agent)).all()


def played(agent, slots=6, steps=4):
    """Return the actions (steps, slots) of an agent that plays on whatever happens."""
    screens = np.stack([agent.task.model.trace(seed).observations for seed in range(slots)])
    agent.begin(range(slots), range(slots))
    return np.stack([agent.act(screens[:, step], np.arange(slots)) for step in range(steps)])


@pytest.mark.parametrize("deterministic", [True, False])
def test_actions_depend_on_the_episode_alone(deterministic):
    agent = UIS1(task(), deterministic=deterministic, **FEW)
    together = played(agent)
    screens = np.stack([agent.task.model.trace(seed).observations for seed in range(6)])
    for seed in range(6):
        agent.begin([2], [seed])
        alone = [agent.act(screens[seed : seed + 1, step], np.array([2]))[0] for step in range(4)]
        assert alone == together[:, seed].tolist()


def test_the_traces_are_the_experts_of_training_seeds():
    training = Training(task(), steps=64 * 5 + 14)
    traces = recorded(training)
    assert len(traces) == 66
    assert training.done == 330
    assert [trace.task for trace in traces] == list(range(66))
    assert len({trace.trace.observations.tobytes() for trace in traces}) > 60
    with pytest.raises(UsageError, match="do not hold one trace of 5 steps"):
        recorded(Training(task(), steps=4))


def test_outputs_are_judged_beside_the_experts():
    trace = FormTrace(0, Layout(), Traces(Layout()).trace(0))
    form = int(np.flatnonzero(trace.trace.observations[:, -2])[0])
    right, demonstration = int(trace.trace.actions[form]), trace.demonstration(notes=True)
    levels = {}
    for action in range(10):
        output = copy.copy(demonstration[form])
        object.__setattr__(output, "tokens", np.array([2, action]))
        judgement = trace.judge(form, output)
        levels[action] = judgement.level
        assert judgement.matched == (action == right)
        assert judgement.entry == (2, action)
    assert levels == {a: Level.EXACT if a == right else Level.RIGHT_TYPE if a >= 6 else Level.WRONG_TYPE for a in range(10)}
    assert trace.patch(form) == (0, right)
    assert [segment.tokens.tolist() for segment in demonstration] == np.stack([trace.trace.notes, trace.trace.actions], axis=1).tolist()
    assert demonstration[3].context.history.tolist() == [segment.tokens.tolist() for segment in demonstration[:3]]
    assert all(segment.tokens[0] == 0 for segment in trace.demonstration(notes=False))


def test_traces_without_spread_are_left_out_and_replaced():
    model = Traces(Layout())
    traces = [FormTrace(number, Layout(), model.trace(number)) for number in range(50)]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        policy = NotePolicy(Layout().width, 5, 10)

    def told(eta):
        settings = Settings(eta=eta, traces=5, copies=4, kl=0.0)
        return Trainer(copy.deepcopy(policy), torch.optim.SGD(policy.parameters()), traces, settings, rng=np.random.default_rng(0)).update()

    assert told(None)["kept"] == 5
    assert told(100.0)["kept"] == told(100.0)["samples"] == 0
    assert told(0.2)["samples"] > 0


def test_semi_online_learns_what_offline_cannot():
    """A small edition of the reproduction's table: on held-out forms, greedy, only own history teaches to take notes."""
    success = {}
    for kind in (UIS1, Offline):
        agent, _ = trained(kind, steps=4000, warm_steps=200, updates=8, traces=24, noted=0.35, learning_rate=1e-3)
        agent.begin(range(300), range(300))
        alive = np.ones(300, bool)
        held_out = [agent.task.model.trace(2**30 + slot) for slot in range(300)]
        right, screens = np.stack([trace.actions for trace in held_out]), np.stack([trace.observations for trace in held_out])
        for step in range(5):
            alive &= agent.act(screens[:, step], np.arange(300)) == right[:, step]
        success[kind.name] = alive.mean()
    assert success["ui-s1"] > 0.7
    assert success["ui-s1-offline"] < 0.5


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"eps": -1}, "eps of agent ui-s1 cannot be -1"),
        ({"gamma": 1.5}, "gamma of agent ui-s1 cannot be 1.5"),
        ({"episode_mode": "both"}, "give code or paper or none"),
        ({"rewards": "mine"}, "give paper or code"),
        ({"copies": 1}, "give at least 2"),
        ({"noted": 2.0}, "noted of agent ui-s1"),
        ({"updates": 0}, "updates of agent ui-s1"),
    ],
)
def test_settings_out_of_range_are_refused(settings, told):
    with pytest.raises(UsageError, match=told):
        UIS1(task(), **settings)


def test_the_reproduction_names_agents_and_entrants_that_exist():
    from hub_gui.reproduction import ui_s1

    declared = ui_s1()
    studies = {study.name: study for study in declared.budgets["small"].studies}
    for claim in declared.claims:
        for name in claim.studies:
            labels = [entrant.label for entrant in studies[name].entrants]
            assert len(set(labels)) == len(labels)
            assert {claim.agent, *claim.over} <= set(labels)
    for entrant in studies["form"].entrants:
        if entrant.agent == "ui-s1":
            UIS1(task(), **entrant.args)
