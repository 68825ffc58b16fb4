"""Vetting: what a person should judge next, and by which keys."""
