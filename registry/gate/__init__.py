"""What a candidate must not lose to become champion."""
