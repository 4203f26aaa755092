"""Heterogeneous motorway traffic for hub: iPLAN and what it is compared with."""
