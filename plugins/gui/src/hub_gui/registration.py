"""What this plugin registers with hub under `gui`: agents and papers; descriptions only."""

from __future__ import annotations

from collections.abc import Iterable

from hub_envs.catalogue import Entry

import hub

_AGENTS = (
    # name, entry point, paper, summary
    ("gui-random", "hub_gui.agents.trivial:GuiRandom", None, "clicks anywhere, and does eight other things now and then"),
    ("gui-noop", "hub_gui.agents.trivial:GuiNoop", None, "says at once that it is done"),
    ("oracle", "hub_gui.agents.oracle:Oracle", None, "plays the environment's own solutions"),
    ("t3a", "hub_gui.agents.t3a:T3A", None, "language model on numbered elements: thought, action, summary"),
    ("m3a", "hub_gui.agents.m3a:M3A", None, "the same with eyes: screenshots with numbered boxes"),
    ("mobile-agent-v3", "hub_gui.mobile_agent.agent:MobileAgentV3", "mobile-agent-v3", "Manager, Worker, Reflector and Notetaker"),
    (
        "mobile-agent-v3-scripted",
        "hub_gui.mobile_agent.scripted.agent:MobileAgentV3Scripted",
        "mobile-agent-v3",
        "demonstration without a model: the roles follow the environment's solutions, and the Worker's hand slips",
    ),
    ("ui-s1", "hub_gui.uis1.agents:UIS1", "ui-s1", "semi-online reinforcement learning on expert traces, over its own notes"),
    ("ui-s1-base", "hub_gui.uis1.agents:Base", "ui-s1", "what UI-S1 begins with: imitates an expert who takes notes now and then"),
    ("ui-s1-sft", "hub_gui.uis1.agents:SFT", "ui-s1", "the same, then imitation of the expert's actions"),
    ("ui-s1-offline", "hub_gui.uis1.agents:Offline", "ui-s1", "the same, then offline reinforcement learning on the expert's history"),
    (
        "trpo-trajectory",
        "hub_gui.trajectory.agent:Trajectory",
        "mobile-agent-v3",
        "learns from the outcome of whole episodes, and from past successes",
    ),
    ("pointer-sft", "hub_gui.pointing.agents:PointerSFT", None, "small learner for the phone: imitates an expert"),
    (
        "pointer-ui-s1",
        "hub_gui.pointing.agents:PointerUIS1",
        "ui-s1",
        "the same, then semi-online reinforcement learning on the expert's traces",
    ),
    ("pointer-trpo", "hub_gui.pointing.agents:PointerTrajectory", "mobile-agent-v3", "the same, then episodes of its own on the phone"),
)


@hub.hookimpl
def hub_agents() -> list[hub.AgentSpec]:
    """Register what acts on screens."""
    return [
        hub.AgentSpec(name=name, entry_point=entry_point, paper=paper, summary=summary) for name, entry_point, paper, summary in _AGENTS
    ]


@hub.hookimpl
def hub_papers() -> list[hub.PaperSpec]:
    """Register the papers."""
    return [
        hub.PaperSpec(
            name="ui-s1",
            title="UI-S1: Advancing GUI Automation via Semi-online Reinforcement Learning",
            authors="Zhengxi Lu, Jiabo Ye, Fei Tang, Yongliang Shen, Haiyang Xu, Ziwei Zheng, Weiming Lu, Ming Yan, Fei Huang, Jun Xiao,"
            " Yueting Zhuang",
            year=2025,
            url="https://arxiv.org/abs/2509.11543",
            claims=(
                "Reinforcement learning on expert traces with one's own history succeeds in whole tasks where offline learning fails.",
                "Patching, returns that look ahead and advantages of steps and of episodes each add to it.",
            ),
            reproduction="hub_gui.reproduction:ui_s1",
        ),
        hub.PaperSpec(
            name="mobile-agent-v3",
            title="Mobile-Agent-v3: Fundamental Agents for GUI Automation",
            authors="Jiabo Ye, Xi Zhang, Haiyang Xu, Haowei Liu, Junyang Wang, Zhaoqing Zhu, Ziwei Zheng, Feiyu Gao, Junjie Cao,"
            " Zhengxi Lu, Jitong Liao, Qi Zheng, Fei Huang, Jingren Zhou, Ming Yan",
            year=2025,
            url="https://arxiv.org/abs/2508.15144",
            claims=(
                "Relative policy optimisation over whole trajectories, with replay of past successes, improves agents.",
                "Manager, Worker, Reflector and Notetaker together succeed more often than a worker alone.",
            ),
            reproduction="hub_gui.reproduction_mobile:mobile_agent_v3",
        ),
    ]


def described(entries: Iterable[Entry], *, slots: int | None = None) -> list[hub.EnvironmentSpec]:
    """Return entries of the catalogue as hub describes environments, of which `slots` are played side by side by default."""
    return [
        hub.EnvironmentSpec(
            id=entry.id,
            entry_point=entry.entry_point,
            vector_entry_point=entry.vector_entry_point,
            requires=entry.requires,
            summary=entry.summary,
            kwargs=dict(entry.kwargs),
            model=entry.model,
            deterministic=entry.deterministic,
            slots=slots,
        )
        for entry in entries
    ]
