"""How price ranges would have done on past sales: each lot estimated only from what was sold before it."""
