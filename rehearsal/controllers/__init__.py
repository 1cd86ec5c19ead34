"""What no kubelet and no cloud does in a rehearsal: provision and attach volumes, and give load
balancers their addresses."""
