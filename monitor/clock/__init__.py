"""When lines of the crontab are due, who keeps time, and what is started then."""
