"""Cut order planning: which orders are cut together, of which roll, on which table, when.

`placing` gives groups of orders their cloth and their time, `grouping` searches for the groups,
`first_come` is what a hall does without a search, `reasons` says of each marker why it is so. How
long a group lies on the cloth is told by the trade: an estimate first, the laid length once it is
known.
"""
