"""What touching the network costs."""
