"""Mobile-Agent-v3's framework of roles (Ye et al., arXiv 2508.15144).

`agent` is the agent, `loop` the order of roles in a step, `memory` what they share, `prompts` what they are told, `actions` the paper's
action space in terms of the environments', `scripted` a demonstration without a model.
"""
