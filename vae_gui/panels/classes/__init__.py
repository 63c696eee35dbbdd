"""The page Classes of a model with classes: what it says of the class of digits, and where it errs.

One file a part; page.py puts them below each other. They show state, and compute nothing.
"""
