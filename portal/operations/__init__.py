"""The engine: it writes each operation down, carries it out step by step, and looks before it repeats a step."""
