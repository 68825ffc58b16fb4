"""Schedules: how one is made, changed, told and removed."""
