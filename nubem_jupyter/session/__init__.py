"""The one composition root, the driver and the settings."""
