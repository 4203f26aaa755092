"""Reproducing papers: what a plugin declares, running it, judging the paper's claims, the page that tells of it."""
