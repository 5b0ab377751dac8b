"""One file for each command, in the groups of `callsheet --help`."""
