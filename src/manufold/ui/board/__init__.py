"""The board in a browser: for planners, operators, owners and the network operator."""
