"""The agents that SEQUOIA is compared with, one file each, batched over states."""
