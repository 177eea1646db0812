"""The sample catalogue: invented lots, their price model, and a small studio that photographs them.

What it is: `vocabulary` (the words), `design` (one object), `catalogue` (lots, sales and views), `prices`, `captions`.
How it is shaped: `mesh`, `joinery`, a module for each trade: `vessels`, `metalware`, `jewellery`, `clocks`, `lamps`,
`furniture`, `upholstery`, `sculpture`, `flatwork` with `canvases`, and `decoration` for what is painted on pots.
How it looks: `substances` names materials, `material` shades them, `noise` gives grain, `columns` keeps arrays fast.
How it is photographed: `render` chooses for each view, `studio` the set, `light` the room, `camera` the frame; `trace`
follows the light, `photo` takes the picture and `develop` makes it a photo. `edition` writes it all to a directory.
"""
