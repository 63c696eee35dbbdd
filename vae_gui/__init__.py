"""The explorer: a window on a trained VAE. Knows model/; model/ never knows it.

__main__       start-up: arguments, checks, the first window
main_window    builds the views and connects them; holds no logic
session        the one state: model, digits, probe, peek, selection, reading
plane          which 2-D slice of the latent space the plane shows
latent_view    the plane: mouse and keys, axes, and its layers (layers/, one file each)
live_decoder   from a moved probe to a decoded digit, in the GUI thread, newest wins
inspector      the decoded digit, its z, the nearest test digit, the model
digit_view     one 28 x 28 image at fixed levels
opening        what happens when a checkpoint is opened, as a generator without Qt
workers        the only file that knows threads
screenshot     the whole window as a PNG, without a display
display        is there a display? said before Qt would abort the process

No file here imports torch at import time: the window is painted before that.
"""
