"""What is drawn in the plane, one file a layer. A layer knows the session and its own items."""
