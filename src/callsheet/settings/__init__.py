"""Settings: shipped defaults, then project.toml, then the environment, then the command line; each value knows its origin."""
