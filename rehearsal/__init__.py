"""The rehearsal: the same program on a real engine and control plane, with the cloud simulated."""
