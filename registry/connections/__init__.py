"""Databases that config.yaml names, and how they are asked."""
