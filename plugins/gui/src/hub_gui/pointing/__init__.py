"""A small learner for the phone: it points at one of the actions that a screen and a goal offer."""
