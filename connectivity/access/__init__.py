"""Who comes in and what they may see: sign-in, gate, scope, audit trail and disclosure log."""
