"""The figures in the README, each one command that prints JSON."""
