"""The crontab, edited like a database: embedded, and the host's."""
