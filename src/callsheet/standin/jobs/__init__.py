"""Jobs, their faults and the films that they end with."""
