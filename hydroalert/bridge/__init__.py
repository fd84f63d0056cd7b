"""From the broker to admission: lanes, batches, acknowledgements after commit, receipts; and what is told to all."""
