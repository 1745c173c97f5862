"""A loopback server that speaks the vendors' wire formats; start it with python -m bench.simulator --port N."""
