"""What comparables say of items that are yet to be sold, and of those that the house sold before."""
