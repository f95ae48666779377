"""Writing by a server that speaks OpenAI's protocol: llama-server, Ollama, LM Studio, vLLM and others."""
