"""What is drawn in the plane, one file a layer.

A layer is a description: a request made of values, and a function that draws it. Those that workers
draw know no Qt. The table of layers is table.py.
"""
