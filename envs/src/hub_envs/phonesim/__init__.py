"""PhoneSim: a small phone of web apps, rendered by a real Chromium."""

from hub_envs.phonesim.browser import BrowserError
from hub_envs.phonesim.single import PhoneEnv
from hub_envs.phonesim.vector import PhoneVectorEnv

__all__ = ["BrowserError", "PhoneEnv", "PhoneVectorEnv"]
