"""The sample catalogue: invented lots, their price model, and a small studio that photographs them.

What it is: `vocabulary` (the words), `design` (one object), `catalogue` (lots, sales and views), `prices`, `captions`.
How it is shaped: `mesh` and `joinery`, then a module for each trade: `vessels`, `tableware`, `glassware`, `metalware`,
`jewellery`, `clocks`, `lamps`, `furniture`, `seats` (with `legs` and `upholstery`), `sculpture`, `rugs`, `pictures`.
What is painted: `decoration` on pots, `weaving` in rugs; `canvases` signs what `landscapes`, `abstracts` and `sitters`
show with `paint`, for a place in one of the `frames`.
How it looks: `substances` names materials, `material` shades them, `noise` gives grain, `columns` keeps arrays fast.
How it is photographed: `render` chooses for each view, `studio` the set, `light` the room, `camera` the frame; `stage`
puts all together, `trace` follows the light, `photo` takes the picture, `develop` prints it. `edition` writes the lot.
"""
