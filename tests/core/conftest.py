from hypothesis import HealthCheck, settings

# The machines that run this are slow and shared: a case has no deadline, and fewer cases are drawn than by default.
settings.register_profile("core", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("core")
