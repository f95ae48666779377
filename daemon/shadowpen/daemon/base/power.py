"""Find out whether the machine runs on battery."""

from __future__ import annotations


def on_battery() -> bool:
    """Whether the machine runs on battery; False where the system does not tell."""
    import psutil  # only when asked: the daemon starts quicker without it

    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    return battery is not None and battery.power_plugged is False
