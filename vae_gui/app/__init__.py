"""The window itself: menus, keys, messages, preferences, start-up and screenshots.

Knows every other folder; none of them knows it.
"""
