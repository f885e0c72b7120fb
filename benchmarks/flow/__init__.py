"""The flow benchmark: our engine against plain asyncio and the peers that are installed."""
