"""Mobile-Agent-v3's roles without a model: what their order is worth when a worker's hand slips.

A demonstration of control flow, not of any model. All roles are answered by scripts that read their prompts and nothing else, but for one
thing that stands for a worker's skill: the environment's own solution, move by move. What can go wrong:

- **Slips.** With probability `corruption` a press lands elsewhere on the screen, or what is typed lacks a character.
- **Forgetting.** A word that was on an earlier screen and is nowhere in the Worker's prompt is written as `something`.
- **Getting lost.** Where the solution's next move is not possible on the screen, the Worker waits.

What the roles do about it, each from its prompt:

- **Reflector**: judges whether a press hit what was described, and whether what was typed can be read afterwards; waiting is a failure.
- **Worker**: makes a move again that failed, finding its target anew; goes back if the target is gone.
- **Manager**: when it hears that the Worker is stuck since it does not find its way any more, has it go home and begin again.
- **Notetaker**: writes down what successful screens say.
"""
