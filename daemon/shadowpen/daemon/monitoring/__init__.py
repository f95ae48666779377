"""How suggestions fare with their user, in numbers without text; alarms, and going back to the version before."""
