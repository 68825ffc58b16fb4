"""What happened since yesterday, on one page."""
