"""Step 6: the doctor writes, the portal prints, signs and keeps; anybody can verify."""
