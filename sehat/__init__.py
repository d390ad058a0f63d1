"""SeHAT OPD: from registration to prescription, one room for each step of the patient's journey."""
