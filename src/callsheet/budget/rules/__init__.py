"""The arithmetic of money: caps, prices, moves. No I/O."""
