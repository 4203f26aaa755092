"""Standard agents and the building blocks that paper plugins share."""
