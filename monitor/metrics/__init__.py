"""Numbers that only grow, and all that Prometheus reads."""
