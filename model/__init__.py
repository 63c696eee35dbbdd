"""The variational autoencoder: network, data, training, likelihoods, files. Knows nothing of Qt.

A folder may import only those below it:

    evaluate > files > train > likelihood > latent > network | data
             > settings, flags, progress, printable, atomic, assets
"""
