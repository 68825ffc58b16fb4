"""How they come to know: messages, and the ways they take."""
