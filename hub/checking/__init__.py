"""`hub check`: conformance of environments and agents."""
