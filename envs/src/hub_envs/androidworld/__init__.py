"""AndroidWorld on a real device, and android_env's own tasks."""
