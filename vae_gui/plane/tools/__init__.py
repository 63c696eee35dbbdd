"""What the hand can do in the plane, one file a tool."""
