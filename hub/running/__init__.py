"""Playing episodes: seeds, worlds, the lock-step loop, journal, engines."""
