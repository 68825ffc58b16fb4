"""Which version is in production: moved on, moved back, remembered."""
