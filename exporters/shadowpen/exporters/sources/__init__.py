"""Sources of checkpoints: each fetches one into a folder and describes it. None runs what it fetches."""
