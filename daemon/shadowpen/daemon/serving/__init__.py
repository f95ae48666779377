"""The daemon's process: requests in, replies out, one model, one worker."""
