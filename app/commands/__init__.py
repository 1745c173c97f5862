"""One module per command of `python3 -m app`; each is imported only when it is asked for."""
