"""What runs inside the sandbox. It is mounted there alone, as the package `desktop`, so it imports nothing of hub_envs."""
