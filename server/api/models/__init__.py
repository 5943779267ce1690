"""What a request may say, and what an answer says: the models that the API documents."""
