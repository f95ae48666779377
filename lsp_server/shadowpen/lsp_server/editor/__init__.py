"""The editor's side of the wire: streams, options, logs, incomplete messages."""
