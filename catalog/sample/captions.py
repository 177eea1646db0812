"""How a cataloguer would put an object into words: title, description, materials, dimensions."""

from catalog.sample.design import Design
from catalog.sample.dice import dice
from catalog.sample.vocabulary import CONDITIONS

NAMELESS = ("unmarked", "unsigned", "no maker's mark", "unsigned movement", "maker unknown", "weaver unknown")
PATTERN_WORDS = {
    "bands": "painted with {hue} bands", "blossom": "painted with {hue} blossom", "landscape": "with a {hue} landscape",
    "scrolls": "with {hue} scrolls", "lattice": "with a {hue} lattice", "leaves": "with trailing {hue} leaves",
    "ribbed": "with ribbed sides", "twisted": "of twisted form", "millefiori": "with millefiori canes",
        "bubble": "with trapped bubbles",
    "knopped": "with knopped stem", "fluted": "with fluted sides", "banded": "with turned bands",
        "engraved": "with engraved border",
}  # fmt: skip
GEMS = (
    "ruby",
    "sapphire",
    "emerald",
    "diamond",
    "citrine",
    "amethyst",
    "onyx",
    "lapis",
    "carnelian",
    "turquoise",
    "coral",
    "pearl",
    "amber",
    "jade",
)


def maker_name(design: Design) -> str:
    return "" if design.maker in NAMELESS else design.maker


def title(design: Design) -> str:
    """At most 100 characters, the maker first where there is one."""
    thing = _thing(design)
    if design.pair and not thing.startswith("pair of"):
        thing = f"pair of {_plural(thing)}"
    words = f"{maker_name(design)}: {thing}" if maker_name(design) else thing[0].upper() + thing[1:]
    return f"{words}, {design.period}"[:100]


def _thing(design: Design) -> str:
    substance, form, group = design.substance, design.form.words, design.category.name
    if group == "Pictures":
        return f"{form}, {substance}"
    if group == "Rugs":
        return f"{design.pattern} ground {form}"
    if group == "Jewellery":
        stone = f" and {design.pattern}" if design.pattern in GEMS else ""
        if form.startswith("pair of "):
            return f"pair of {substance}{stone} {form.removeprefix('pair of ')}"
        return f"{substance}{stone} {form}"
    if group == "Glass":
        tone = substance if substance == "clear" else f"{substance} coloured"
        return f"{tone} glass {form}{_with(design)}"
    if group == "Seating" and design.pattern not in ("plain", "rush", "cane"):
        return f"{substance} {form} covered in {design.pattern}"
    if group == "Seating" and design.pattern in ("rush", "cane"):
        return f"{substance} {form} with {design.pattern} seat"
    return f"{substance} {form}{_with(design)}"


def _with(design: Design) -> str:
    words = PATTERN_WORDS.get(design.pattern, "").format(hue=design.hue)
    return f" {words}" if words else ""


def _plural(thing: str) -> str:
    cuts = [(thing.find(word), word) for word in (" with ", " painted with ", " covered in ", " of ") if word in thing]
    joint = min(cuts)[1] if cuts else ""
    head, _, rest = thing.partition(joint) if joint else (thing, "", "")
    if head.endswith(" and saucer"):
        return f"{head.replace('cup and', 'cups and')}s{joint}{rest}"
    return f"{head}s{joint}{rest}"


def materials(design: Design) -> str:
    substance, group = design.substance, design.category.name
    if group == "Seating" and design.pattern != "plain":
        return f"{substance}, {design.pattern}"
    if group == "Jewellery" and design.pattern in GEMS:
        return f"{substance}, {design.pattern}"
    return f"{substance} glass" if group == "Glass" else substance


def dimensions(design: Design) -> str:
    size = design.size
    if design.category.name == "Pictures":
        return f"{size:.0f} x {size * 0.76:.0f} cm"
    if design.category.name == "Rugs":
        return f"{size:.0f} x {size * 0.64:.0f} cm"
    if design.category.name == "Jewellery":
        return f"L {size:g} cm" if "necklace" in design.form.name else f"D {size:g} cm"
    wide = ("plate", "charger", "bowl", "salver", "glass bowl", "wall clock")
    return f"Diam. {size:g} cm" if design.form.name in wide else f"H {size:g} cm"


OPENINGS = (
    "A {thing}",
    "An attractive {thing}",
    "A good {thing}",
    "A well proportioned {thing}",
    "A decorative {thing}",
)
CLOSINGS = (
    "From a private collection, {place}.", "By descent in the family of the owner.", "Property of a lady.",
        "From a country house near {place}.",
    "Acquired by the present owner in the 1980s.", "Without provenance.",
)  # fmt: skip


def description(design: Design) -> str:
    die = dice("description", design.key)
    by = f" by {maker_name(design)}" if maker_name(design) else f", {design.maker}"
    opening = die.choice(OPENINGS).format(thing=_thing(design))
    if opening.startswith("A ") and opening[2] in "aeio":
        opening = f"An {opening[2:]}"
    opening = opening.replace(" a iron", " an iron").replace(" a ochre", " an ochre")
    pair = " One of two, sold together." if design.pair else ""
    closing = die.choice(CLOSINGS).format(place=design.origin)
    condition = CONDITIONS[design.condition][0]
    return f"{opening}{by}, {design.origin}, {design.period}. {dimensions(design)}.{pair} {condition}. {closing}"
