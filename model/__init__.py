"""The variational autoencoder and all that one can ask of it. Knows nothing of Qt.

settings     configurations: fields declared once, checked once
vae          the network, its configuration, and the terms of its ELBO
densities    p(x|z), q(z|x), the prior and the KL between Gaussians, in closed form
atlas        the decoder's pictures all over the plane, in which the encoder looks an image up
data         the MNIST family as tensors; splits; binarisation
training     train(): a generator that yields one report a step
likelihood   the ELBO of a data set; log p(x|z) of many images at many points
importance   the importance-weighted bound
grid         a grid over the latent plane; the log-joint of an image on it
exact        log p(x) at two latent dimensions, integrated; the gap between it and the ELBO
quadrature   the ELBO's reconstruction term without noise
monte_carlo  log p(x) from draws of the prior
hmc          draws from the true posterior
posterior_density   Kingma and Welling's own estimator of log p(x)
evaluation   all numbers of one model; evaluate: the same as a command
estimators   the estimators of log p(x) side by side
protocols    what the pixels of the test set are
progress     how a long computation says how far it is
latent       encode, decode, sample, neighbours
checkpoint   one file per model: a hard-nosed reader, an atomic writer
container    the outer shell of that file: its bytes and its header
run          the run directory: its layout, writing it, reading it
atomic       writing a file whole or not at all
assets       the files that come with the program
"""
