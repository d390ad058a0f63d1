"""Step 4 of the journey: the OPD Consultation Room: one's place, an honest wait, and Call Now."""
