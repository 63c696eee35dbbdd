"""What one can ask of a trained model in its latent space: decode, encode, densities, neighbours.

Knows networks and data; nothing of likelihoods, training or files.
"""
