"""How much further trials may still improve the best value."""
