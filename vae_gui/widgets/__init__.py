"""Parts that panels are made of. A widget knows nothing of models or state."""
