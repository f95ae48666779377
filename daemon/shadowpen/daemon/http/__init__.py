"""A completion server in the OpenAI style on this machine, in front of the daemon: `shadowpen serve`."""

PACKAGES = ("starlette", "uvicorn")  # of the extra http
