"""Letters to families with their membership code and its QR code: one accessible PDF for printing, kept a few days only."""
