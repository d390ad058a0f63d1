"""Letters that a doctor signs beside a prescription: to a hospital, and the advice of sick leave."""
