"""The MNIST family as tensors: files and cache, splits, binarisation, protocols.

Knows nothing of networks.
"""
