"""The provider `local`: a real desktop of this computer's own programs, in one bubblewrap sandbox an episode, without a network."""

from hub_envs.osworld.local.machine import LocalMachine, LocalProvider

__all__ = ["LocalMachine", "LocalProvider"]
