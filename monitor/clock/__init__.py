"""When lines of the crontab are due, and the clock that starts them."""
