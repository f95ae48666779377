"""Settings, paths, errors, logs and power: the foundation of all other packages."""
