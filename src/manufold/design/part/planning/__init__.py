"""From the facts of a part to process plans: one file per way of making it."""
