"""HydroAlert frame v1, the device's side: frames, packs, a durable spool, receipts.

Start with :class:`firmware_protocol.device.Device`; the rules are in ``SPEC.md``.
"""
