"""What those who look after the house see: alarms, counts, readings, the course of a day."""
