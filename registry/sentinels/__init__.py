"""The known pulsars that every version must find and none may learn."""
