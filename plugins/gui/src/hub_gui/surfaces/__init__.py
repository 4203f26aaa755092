"""How agents read screens and act on them: the same agent on phones and on desktops."""

from hub_gui.surfaces.choosing import surface_for
from hub_gui.surfaces.surface import Surface
from hub_gui.surfaces.view import View

__all__ = ["Surface", "View", "surface_for"]
