"""How often a vote of neighbours tells what a lot is: `python -m bench.attribution`."""
