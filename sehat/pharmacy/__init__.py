"""Step 8: the medicines themselves: handed over at a store, or sent home."""
