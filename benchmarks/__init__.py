"""The figures in the README: one command each, which prints JSON."""
