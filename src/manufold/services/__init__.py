"""Where engines meet: quote, order, schedule, make, prove. Read aloud, that is the product."""
