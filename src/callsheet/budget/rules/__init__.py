"""The arithmetic of money: caps, prices, transfers. No I/O."""
