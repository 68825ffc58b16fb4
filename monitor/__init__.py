"""What happened, and is it well."""
