"""The latent space of a trained model: decoding, encoding, densities, neighbours.

Knows networks and data; nothing of likelihoods, training or files.
"""
