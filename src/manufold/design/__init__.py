"""Design -> process plans. Trades differ here and nowhere else; each vertical is one folder."""
