"""All files that the program writes and reads: checkpoints, runs, resume states, caches, pictures.

Only this folder knows their layout.
"""
