"""Models from elsewhere: received, examined, registered or quarantined."""
