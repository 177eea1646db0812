"""Our indexes beside their rivals at 10,000, 100,000 and a million photos: recall, time, bytes, filters, freshness."""
