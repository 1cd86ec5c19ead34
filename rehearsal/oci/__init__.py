"""The simulated OCI: a stand-in for pulumi-resource-oci that refuses what OCI would refuse."""
