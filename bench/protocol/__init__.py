"""How a comparison talks to its engines: each in a process of its own that keeps its model loaded and is asked in turn, so
that all of them see the same state of the machine. A JSON object a line goes in, a JSON object a line comes out."""
