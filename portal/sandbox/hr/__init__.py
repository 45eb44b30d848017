"""Stand-ins for four HR systems, with one list of people behind them: what their published pages say they answer."""
