"""Images that persons bring: archives and folders of them, files of each kind, and which folder is the class."""
