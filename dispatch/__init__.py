"""The group's own databases, classified by the clock."""
