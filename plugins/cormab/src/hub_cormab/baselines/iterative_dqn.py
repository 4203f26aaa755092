"""Iterative DQN: Q-learning whose joint action is built pull by pull instead of being maximised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from hub_envs.cormab import ActionSet
from numpy.typing import NDArray

import hub
from hub_cormab.maximise import ReluNetwork
from hub_cormab.qagent import QAgent
from hub_cormab.qnetwork import QNetwork
from hub_cormab.sequoia import Sequoia, train_q_network
from hub_cormab.settings import HUB
from hub_cormab.training import Choice, Chooser, Rule

if TYPE_CHECKING:
    from hub.training import Training


class IterativeDQN(QAgent):
    """SEQUOIA with its exact maximum replaced by a greedy one, in play and in the targets: what exactness is worth.

    Starts from a = 0 and adds the pull j that raises Q(a + e_j, s) most among those that keep a feasible, while one raises it.
    Network, warm start, replay and all settings are SEQUOIA's. Departure from the released code, which ranks arms for matching by the
    myopic reward instead of the Q-network, and reuses the best arm of an earlier action: here the network is asked anew for each pull.

    Args:
        task: a coupled bandit.
        seed: of everything random.
    """

    name: ClassVar[str] = "iterative-dqn"
    default_train_steps: ClassVar[int] = Sequoia.default_train_steps

    def __init__(self, task: hub.Task, *, seed: int = 0) -> None:
        super().__init__(task, seed=seed)
        self._rule = greedy(self.problem.actions)
        self._take(self._untrained())

    def _take(self, network: QNetwork) -> None:
        self._network = network
        self._choose = self._rule(network.relu_network())

    def learn(self, training: Training) -> None:
        """Train as SEQUOIA does, with the greedy maximum."""
        self._take(train_q_network(self.problem, training, HUB, self._rule, self.seed))

    def act(self, observations: NDArray[np.int64], slots: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return the greedy action of each row, (n, N)."""
        return self._choose(observations)[0]


def greedy(actions: ActionSet) -> Rule:
    """Return the rule that builds an action of `actions` pull by pull."""

    def rule(network: ReluNetwork) -> Chooser:
        def choose(states: NDArray[Any]) -> Choice:
            # State by state: a batched matrix product may round a row differently in another batch.
            chosen = [build_action(network, actions, state) for state in states]
            return np.array([action for action, _ in chosen]), np.array([value for _, value in chosen])

        return choose

    return rule


def build_action(network: ReluNetwork, actions: ActionSet, state: NDArray[Any]) -> tuple[NDArray[np.int8], float]:
    """Return the greedily built action (N,) and its Q in `state` (J,)."""
    columns = network.action_weights.T
    action = np.zeros(actions.size, dtype=np.int8)
    pre = network.state_part(state)
    value = float(network.above(pre[None])[0])
    while True:
        grown = np.maximum(action, np.eye(actions.size, dtype=np.int8))
        allowed = actions.is_feasible(grown) & (action == 0)
        values = np.where(allowed, network.above(pre + columns), -np.inf)
        best = int(values.argmax())
        if values[best] <= value:
            return action, value
        action, pre, value = grown[best], pre + columns[best], float(values[best])
