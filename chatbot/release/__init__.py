"""Two generations side by side, and the gate between them: editions -> rehearsing -> comparing -> contrasting -> showing, releasing."""
