"""Who may use the portal: the AMA register and the rules of entitlement."""
