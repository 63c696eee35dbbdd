"""The explorer: a window on a trained VAE. Knows model/; model/ never knows it.

A folder may import only those below it:

    __main__ > app > panels > plane > jobs > state | widgets > style

No file here imports torch at import time: the window is painted before that.
"""
