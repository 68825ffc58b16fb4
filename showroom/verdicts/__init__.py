"""What people say of candidates: given, undone, shown, counted."""
