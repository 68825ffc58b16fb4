"""Simulated candidates: what a telescope would have seen, from laws and chance."""
