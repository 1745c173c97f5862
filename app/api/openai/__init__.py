"""The door that speaks OpenAI's wire form, so that a program needs only another base address and key."""
