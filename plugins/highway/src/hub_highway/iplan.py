"""iPLAN: intent-aware planning in heterogeneous traffic, by drivers that learn alone.

Xiyang Wu, Rohan Chandra, Tianrui Guan, Amrit Singh Bedi, Dinesh Manocha, CoRL 2023 (arXiv 2306.06236), and its ablations.

In the paper's order, for each driver i, with networks of its own, and each vehicle j that it sees as o_j = (presence, x, y, vx, vy):

1. Behaviour incentive (`behaviour`): beta_j <- (1 - eta) beta_j + eta e(h_j), the soft update by an encoder e of the last ten frames h_j.
   A decoder predicts the next ten frames from h_j and beta_j; the masked L1 loss trains both.
2. Instant incentive (`instant`): z_j <- GRU(x_j, z_j), where x_j gathers the neighbours by hard and soft attention over nodes
   [o_j, beta_j]. A recurrent decoder rolls z_j out into the next five frames; the masked L1 loss trains both.
3. Policy and value read [o_j, z_j, beta_j] of every row, the last action and the driver's number, and are trained by PPO
   (`hub_baselines.multi`). No gradient of theirs reaches 1 and 2: the latents are stored with the rollout.

`incentives` moves the latents on frame by frame and trains them after every rollout once `warm_up` environment steps are played.

Departures from the authors' program:

- The 15 rows in view are used, nearest first, and histories are found again by the vehicles' numbers; the program gives each of all 55
  vehicles a slot of its own. Who leaves the view is forgotten.
- Frames in which a driver is in the game count in the losses; on highways the program's masks are inverted and count the others.
- The encoder starts anew with each window; the program carries its memory on, through every frame ten times. The decoders start anew too.
- The encoder's gradient goes through one past window, drawn with its weight in beta, instead of through all windows of the episode, and
  learns from `latent_samples` moments instead of all (`behaviour.SoftUpdate`).
- beta is moved on before z, so that z knows the present beta; a loss starts from the z before the present step, not from the one after it.
- Hard attention draws (Gumbel) while it learns, but not while driving. Weights begin orthogonal; queries and keys have biases.
- iPLAN-Hard's beta changes every tenth step, while driving too; its segments may begin at any step when it learns.
- iPLAN-FC's beta is updated softly and its decoder predicts ten steps ahead, so that only the networks differ from iPLAN's; the program's
  is replaced at every step and its decoder predicts a window that overlaps in nine frames of ten.
- PPO's departures are told where it is (`hub_baselines.multi.ippo`).
"""

from __future__ import annotations

from typing import Any, ClassVar

from hub_baselines.multi.features import Features
from hub_baselines.multi.ippo import IPPO
from hub_baselines.settings import require_positive, require_shares

import hub
from hub.errors import ImpossiblePairing, UsageError
from hub_highway.behaviour import HardUpdate, SoftUpdate, Update
from hub_highway.incentives import Incentives, Learning


class IPLAN(IPPO):
    """iPLAN: behaviour incentive with soft update, instant incentive, independent PPO.

    Args:
        task: a parallel environment whose players see tables of vehicles: `vehicles` and their numbers `ids`, or rows that keep their
            meaning.
        seed: of the networks' first weights; training is seeded by the run.
        eta: share of the new in the soft update.
        warm_up: environment steps before the latents' networks are trained.
        latent_updates: gradient steps of these networks after each rollout; the authors take one for every 8 episodes of up to 90 steps.
        latent_samples: moments in each gradient step; a moment counts with all players and vehicles in view.
        behaviour_rate: Adam's learning rate of the behaviour incentive's networks.
        instant_rate: Adam's learning rate of the instant incentive's.
        settings: the other arguments of `ippo`, except `shared`: nothing is shared here.
    """

    name: ClassVar[str] = "iplan"
    flat: ClassVar[bool] = False
    instant: ClassVar[bool] = True

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        eta: float = 0.1,
        warm_up: int = 20_000,
        latent_updates: int = 2,
        latent_samples: int = 64,
        behaviour_rate: float = 1e-4,
        instant_rate: float = 2e-5,
        **settings: Any,
    ) -> None:
        require_positive(self.name, eta=eta, latent_updates=latent_updates, latent_samples=latent_samples)
        require_positive(self.name, behaviour_rate=behaviour_rate, instant_rate=instant_rate)
        require_shares(self.name, eta=eta)
        if warm_up < 0:
            raise UsageError(
                f"warm_up of agent {self.name} cannot be {warm_up}: give 0 to train the latents from the first rollout on, or more"
            )
        if settings.get("shared"):
            raise UsageError(f"agent {self.name} shares nothing between its players: leave out shared")
        if task.env_kwargs.get("ids") is False:
            raise ImpossiblePairing(f"{self.name} cannot act in {task.env_id} with ids=False: it finds vehicles again by their numbers")
        self.eta, self.warm_up = eta, warm_up
        self.latent_updates, self.latent_samples = latent_updates, latent_samples
        self.behaviour_rate, self.instant_rate = behaviour_rate, instant_rate
        super().__init__(task, seed=seed, **settings)

    def features(self) -> Features:
        """Return [o, z, beta] of each vehicle in view."""
        learning = Learning(
            warm_up=self.warm_up,
            updates=self.latent_updates,
            samples=self.latent_samples,
            behaviour_rate=self.behaviour_rate,
            instant_rate=self.instant_rate,
            max_grad_norm=self.ppo.max_grad_norm,
        )
        return Incentives(
            self.name, self.task.env_id, self.game, update=self.update(), flat=self.flat, instant=self.instant, learning=learning
        )

    def update(self) -> Update | None:
        """Return how beta moves on; None for an agent without beta."""
        return SoftUpdate(self.eta)


class IPLANHard(IPLAN):
    """iPLAN whose beta is replaced after every tenth step instead of moving softly; `eta` means nothing to it.

    Args:
        settings: as of `iplan`.
    """

    name: ClassVar[str] = "iplan-hard"

    def update(self) -> Update:
        """Return the hard update."""
        return HardUpdate()


class IPLANFC(IPLAN):
    """iPLAN whose behaviour encoder and decoder are fully connected instead of recurrent.

    Args:
        settings: as of `iplan`.
    """

    name: ClassVar[str] = "iplan-fc"
    flat: ClassVar[bool] = True


class IPPOBM(IPLAN):
    """Independent PPO with the behaviour incentive only.

    Args:
        settings: as of `iplan`; `instant_rate` means nothing to it.
    """

    name: ClassVar[str] = "ippo-bm"
    instant: ClassVar[bool] = False


class IPPOGAT(IPLAN):
    """Independent PPO with the instant incentive only: beta is left out.

    Args:
        settings: as of `iplan`; `eta` and `behaviour_rate` mean nothing to it.
    """

    name: ClassVar[str] = "ippo-gat"

    def update(self) -> None:
        """Return None: there is no beta."""
        return
