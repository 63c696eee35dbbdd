"""Shared by all tests: Qt without a display, one torch thread, nothing of the user's touched."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
