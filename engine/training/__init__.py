"""One training with one configuration and one seed: what it is made from, how it goes, how it goes on."""
