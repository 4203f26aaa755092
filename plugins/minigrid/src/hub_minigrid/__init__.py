"""MiniGrid for hub: learners that imitate offline data, planners that record it, and the reproduction of the paper that compares them."""
