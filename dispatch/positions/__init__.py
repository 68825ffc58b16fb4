"""How far schedules have read tables, and how somebody has one read again."""
