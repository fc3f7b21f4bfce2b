"""Teaching of the sequence labeller that reads entries of reference lists."""
