"""HydroAlert frame v1, the device's side."""
