"""Made-to-measure garments: from a person's measures to a shirt's process plan; see `vertical`."""
