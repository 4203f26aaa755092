"""Language models behind one interface: servers that speak OpenAI's chat completions, local checkpoints, and replies known beforehand."""

from hub_baselines.language.agent import LanguageAgent, Player
from hub_baselines.language.journal import Journal, Prices
from hub_baselines.language.messages import Client, Message, Part, Reply
from hub_baselines.language.scripted import ReplayClient, ScriptedClient

__all__ = ["Client", "Journal", "LanguageAgent", "Message", "Part", "Player", "Prices", "ReplayClient", "Reply", "ScriptedClient"]
