"""The public pages: home, FAQ, doctors' status, contact, statements, language; and the demo's own pages."""
