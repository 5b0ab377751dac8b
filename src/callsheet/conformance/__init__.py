"""What every wire and card has to show before money is trusted to it: one suite, run by `callsheet services test` and by the tests alike."""
