"""Where marks stand in drawings and what the tables behind them say: plain values, which templates draw."""
