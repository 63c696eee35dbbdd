"""Colours, text roles, icons and number scales. Knows nothing but Qt and numpy."""
