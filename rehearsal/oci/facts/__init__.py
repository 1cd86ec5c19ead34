"""What the simulated OCI holds to be true, region by region; each module names its sources.

The program has tables of its own. None is shared with it: where the two disagree, a rehearsal
fails, and that is the point.
"""
