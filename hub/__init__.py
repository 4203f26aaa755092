"""hub: agents from one package, environments from another, results that anybody can re-run, verify and rank.

`import hub` makes every registered environment known to Gymnasium by its id: `gymnasium.make("cormab/Matching-v0")`.
"""

from __future__ import annotations

__version__ = "0.4.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hub.agent import Agent as Agent
    from hub.agent import Needs as Needs
    from hub.agent import Task as Task
    from hub.checkpoints import Checkpoint as Checkpoint
    from hub.datasets.episodes import OfflineDataset as OfflineDataset
    from hub.datasets.episodes import OfflineEpisode as OfflineEpisode
    from hub.datasets.store import load_dataset as load_dataset
    from hub.environments import describe as describe
    from hub.environments import make as make
    from hub.environments import make_vec as make_vec
    from hub.errors import HubError as HubError
    from hub.hookspecs import hookimpl as hookimpl
    from hub.reproduction.spec import Budget as Budget
    from hub.reproduction.spec import Claim as Claim
    from hub.reproduction.spec import Entrant as Entrant
    from hub.reproduction.spec import Probe as Probe
    from hub.reproduction.spec import Published as Published
    from hub.reproduction.spec import Reproduction as Reproduction
    from hub.reproduction.spec import Study as Study
    from hub.results.verify import verify as verify
    from hub.running.adoption import adopt as adopt
    from hub.running.run import evaluate as evaluate
    from hub.running.run import run as run
    from hub.specs import AgentSpec as AgentSpec
    from hub.specs import CheckupSpec as CheckupSpec
    from hub.specs import DatasetSpec as DatasetSpec
    from hub.specs import EnvironmentSpec as EnvironmentSpec
    from hub.specs import PaperSpec as PaperSpec
    from hub.specs import ProtocolSpec as ProtocolSpec
    from hub.training import Training as Training

_HOMES = {
    "Agent": "hub.agent",
    "Needs": "hub.agent",
    "Task": "hub.agent",
    "Training": "hub.training",
    "HubError": "hub.errors",
    "hookimpl": "hub.hookspecs",
    "AgentSpec": "hub.specs",
    "CheckupSpec": "hub.specs",
    "EnvironmentSpec": "hub.specs",
    "PaperSpec": "hub.specs",
    "DatasetSpec": "hub.specs",
    "OfflineDataset": "hub.datasets.episodes",
    "OfflineEpisode": "hub.datasets.episodes",
    "load_dataset": "hub.datasets.store",
    "ProtocolSpec": "hub.specs",
    "Reproduction": "hub.reproduction.spec",
    "Budget": "hub.reproduction.spec",
    "Study": "hub.reproduction.spec",
    "Entrant": "hub.reproduction.spec",
    "Claim": "hub.reproduction.spec",
    "Probe": "hub.reproduction.spec",
    "Published": "hub.reproduction.spec",
    "make": "hub.environments",
    "make_vec": "hub.environments",
    "describe": "hub.environments",
    "adopt": "hub.running.adoption",
    "Checkpoint": "hub.checkpoints",
    "evaluate": "hub.running.run",
    "run": "hub.running.run",
    "verify": "hub.results.verify",
}
"""Public names and the modules they live in; a module is imported when its name is first used."""

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'hub' has no attribute {name!r}")
    import importlib

    value: object = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


def _announce() -> None:
    from hub.gymnasium_ids import announce

    announce()


_announce()
