"""The page Evidence: a canvas of pixels, and what the model makes of them.

One file a part; panel.py puts them below each other. They show `state.observation` and
`state.inference`, and compute nothing.
"""
