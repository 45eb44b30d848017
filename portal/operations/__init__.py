"""Operations: written down, carried out step by step, looked up when no answer came, and shown."""
