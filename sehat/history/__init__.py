"""Step 6 goes on for ever: past consultations, for the patient and for the doctor in front of the patient."""
