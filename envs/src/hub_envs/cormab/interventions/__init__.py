"""The domain "interventions": a few measures a step, each reaching several arms, which answer to how many reach them."""

from hub_envs.cormab.interventions.actions import BudgetActions
from hub_envs.cormab.interventions.environment import InterventionsEnv, InterventionsVectorEnv
from hub_envs.cormab.interventions.instances import InterventionsProblem, interventions_problem
from hub_envs.cormab.interventions.sigmoids import Sigmoids

__all__ = ["BudgetActions", "InterventionsEnv", "InterventionsProblem", "InterventionsVectorEnv", "Sigmoids", "interventions_problem"]
