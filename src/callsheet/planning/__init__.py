"""The project read, every take decided on, the plan priced and held against the caps."""
