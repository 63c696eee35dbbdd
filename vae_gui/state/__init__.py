"""What is open, where one looks, and how it is drawn. Holds values and signals, no widgets."""
