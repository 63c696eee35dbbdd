"""How probable a model finds images: the ELBO, bounds, and exact integrals at two dimensions.

Knows networks, data and the latent space; nothing of training or files.
"""
