"""The game "Which pixel next?": a person against the model, on the page Evidence.

One file a part; page.py puts them below each other. They show `state.game`, and compute nothing.
"""
