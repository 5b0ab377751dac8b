"""callsheet: a shot list becomes finished sequences, under a hard spending cap.

The library knows nothing of Prefect: the flows beside it do the ordering, this does the work.
"""

__version__ = "0.1.0"
