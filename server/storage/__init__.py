"""What is on the disk: the home folder, the database, checkpoints, datasets."""
