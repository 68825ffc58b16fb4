"""What programs say that predictions should have been."""
