"""UI-S1: training of agents for screens on expert traces, as if they acted (Lu et al., arXiv 2509.11543)."""
