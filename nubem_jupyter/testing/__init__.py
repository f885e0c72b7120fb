"""Public fakes and a conformance suite for each port."""
