"""Work that takes longer than the hand may wait: opening, measuring, decoding.

Only worker.py knows threads; a job sees only its arguments.
"""
