"""Membership codes: their books, the batches they come in, and how a household gets one."""
