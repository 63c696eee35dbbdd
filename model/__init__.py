"""The variational autoencoder and all that one can ask of it. Knows nothing of Qt.

settings     configurations: fields declared once, checked once
vae          the network, its configuration, and the terms of its ELBO
data         the MNIST family as tensors; splits; binarisation
training     train(): a generator that yields one report a step
likelihood   the ELBO of a data set
latent       encode, decode, sample, neighbours
checkpoint   one file per model: a hard-nosed reader, an atomic writer
container    the outer shell of that file: its bytes and its header
run          the run directory: its layout, writing it, reading it
atomic       writing a file whole or not at all
assets       the files that come with the program
"""
