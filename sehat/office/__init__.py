"""The office: the commandant's board, roster, hours and reports; the same for HQ; the AMA desk."""
