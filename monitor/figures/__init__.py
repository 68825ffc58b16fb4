"""Measured figures over time, and their charts."""
