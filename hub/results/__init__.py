"""The result document, its statistics, verification and comparison."""
