"""The invariants I1 to I7, looked at one by one; what is safe to put right is put right when somebody says so."""
