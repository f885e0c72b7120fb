"""Reading the web under a policy: which hosts, which addresses, how much."""
