"""Runs: how one starts, does its work, ends, and is shown."""
