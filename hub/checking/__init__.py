"""`hub check`: conformance of environments and agents.

A check is a function of a subject (`hub.checking.subjects.Subject` or `hub.checking.agents.AgentSubject`). It returns None when the
subject passes, or a sentence of advice; it raises `FaultError` when the subject breaks the contract and `NotApplicableError` when there
is nothing to check. Its name is what the report shows, and the first line of its docstring what it promises. `hub.checking.suites` lists
the checks in order.
"""
