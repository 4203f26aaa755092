"""Datasets of episodes played before: what offline agents learn from, kept in Minari's local format."""
