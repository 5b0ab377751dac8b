"""`python -m callsheet` is the same command as `callsheet`."""

from callsheet.cli import main

main()
