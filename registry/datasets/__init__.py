"""Make datasets: import, treat, freeze, describe; each once, by its hash."""
