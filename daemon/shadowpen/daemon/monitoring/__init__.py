"""How well suggestions do, in numbers without text; alarms, and going back to the previous version."""
