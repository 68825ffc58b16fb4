"""Connections as schedules know them: who uses which, and how one answers."""
