"""The tables of project.toml and of deliveries as models: keys, units, limits and examples. Compiled when one is read."""
