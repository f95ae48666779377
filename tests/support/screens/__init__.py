"""Real editors on a screen of the test's own, and the scripted language server that they talk to."""
