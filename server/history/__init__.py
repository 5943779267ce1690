"""What a run keeps of its past: snapshots to look back at, and what can be taken away."""
