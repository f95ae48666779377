"""Between client and daemon: messages, transport, lock, launch, clients."""
