"""Oracle Cloud Infrastructure: network, OKE cluster, node pools, reserved capacity, keys, logs."""
