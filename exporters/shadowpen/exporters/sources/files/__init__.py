"""Files of a checkpoint: read, checked and copied, without running anything."""
