"""The latent plane: viewport, axes, marks, layers and tools.

Knows jobs, state, widgets and style; nothing of panels.
"""
