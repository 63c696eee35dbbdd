"""What stands beside the plane: layers and colours on the left, the inspector on the right.

A panel shows state and changes it; panels may know the plane, never the window.
"""
