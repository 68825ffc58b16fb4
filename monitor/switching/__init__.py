"""The switch of each job: moved by people, and by hand in the crontab."""
