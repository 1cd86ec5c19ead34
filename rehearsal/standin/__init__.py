"""The shared base of the stand-in provider plugins: the engine's protocol, no cloud."""
