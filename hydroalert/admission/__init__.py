"""From frames to observations: decide (pure), settle (one transaction), receipt. Bridge and api enter here."""
