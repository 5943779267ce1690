"""Tables in text that is not cells with a separator between them: each file says how one kind of them is read."""
