"""The network: encoder and decoder, the densities in closed form, and the atlas.

Knows nothing of data sets, training or files.
"""
