"""The twin: what a shop, its machines and its troubles would say, from a seed."""
