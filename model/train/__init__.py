"""Training: a generator without I/O, its settings, objectives, optimiser and processes.

Knows everything below it; nothing of files.
"""
