"""What several tasks share: where examples of a kind come from, and what can be seen of networks that learn them."""
