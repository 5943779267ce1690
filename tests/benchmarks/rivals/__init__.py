"""The same networks in the libraries that the engine is measured against."""
