"""Step 1 of the OPD day: the patient, the OTP, the Patient ID, the consent."""
