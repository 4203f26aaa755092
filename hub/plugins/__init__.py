"""Plugins: found by their entry points, looked into once in a child process, remembered in an index."""

from __future__ import annotations

API_VERSION = 1
"""Version of the contract in `hub.hookspecs`; it stands here so that reading the index need not import pluggy."""

GROUP = "hub.plugins"
"""Entry-point group of plugins."""

PROBING = "HUB_PROBING"
"""Environment variable that is set where plugins are being looked into: there the index is empty, or looking would never end."""
