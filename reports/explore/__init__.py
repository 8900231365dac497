"""Exploring the models one by one: the network, the families, any model, and the search for one."""
