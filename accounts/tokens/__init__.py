"""What programs show in place of a person: made, found by their keys, revoked."""
