"""The alerting process: what is due is judged; what was decided is told to everyone who must hear of it."""
