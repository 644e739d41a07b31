"""What people see: one file a page. No SQL here, and no figure is worked out here."""
