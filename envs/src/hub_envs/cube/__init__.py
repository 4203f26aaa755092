"""CUBE tasks over their JSON-RPC."""
