"""ProcessPlan and slots -> price: every line traceable to quantities and rates that multiply."""
