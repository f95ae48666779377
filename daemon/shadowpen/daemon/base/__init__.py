"""Settings, places on disk, errors, logs, power: what everything else stands on."""
