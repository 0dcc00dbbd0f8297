"""Questions that are answered later, or once only: jobs, and the header Idempotency-Key."""
