"""What every wire and card has to prove before real money is used: one suite, run by `callsheet services test` and by the tests."""
