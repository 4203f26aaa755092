"""How hypothesis tests, for every suite."""

import importlib.util

if importlib.util.find_spec("hypothesis"):  # the tests of packaging do without
    from hypothesis import HealthCheck, settings

    # a busy machine is slow, and the first text that is drawn waits for tables of Unicode: neither is a fault
    settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("unhurried")
