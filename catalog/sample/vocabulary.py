"""The invented trade: categories, their forms, makers that never existed, substances, patterns and conditions."""

from dataclasses import dataclass

PORCELAIN, STONEWARE, METALS = (
    ("porcelain", "creamware", "celadon"),
    ("stoneware", "tenmoku", "oxblood"),
    ("silver", "pewter", "brass", "copper"),
)
CABINET = ("oak", "walnut", "mahogany", "rosewood", "ebonised", "painted pine")
PAINTED = ("plain", "bands", "blossom", "landscape", "scrolls", "lattice", "leaves")
GLASSES = ("clear", "amber", "cobalt", "emerald", "ruby", "smoke", "amethyst")
STONES = ("white marble", "black marble", "alabaster", "serpentine", "bronze", "terracotta", "plaster")
COVERS = ("green velvet", "red velvet", "brown leather", "black leather", "linen", "needlework", "blue damask")
GOLDS = ("yellow gold", "white gold", "rose gold", "silver")


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of thing: the words for it, its base price in EUR, its main size in cm, and what it may be made of."""

    name: str
    words: str
    price: float
    size: tuple[float, float]
    substances: tuple[str, ...]
    patterns: tuple[str, ...] = ("plain",)
    pairs: float = 0.0


@dataclass(frozen=True, slots=True)
class Category:
    """One of the twelve; `trend` is the yearly change of log price, `sigma` the noise of log price."""

    name: str
    trend: float
    sigma: float
    size_exponent: float
    forms: tuple[Form, ...]
    makers: tuple[tuple[str, str, float], ...]  # name, place, log price premium


CATEGORIES: tuple[Category, ...] = (
    Category("Vases", 0.02, 0.36, 0.6, (
        Form("baluster vase", "baluster vase", 180, (18, 42), PORCELAIN + STONEWARE, PAINTED, 0.15),
        Form("bottle vase", "bottle vase", 160, (16, 38), PORCELAIN + STONEWARE, PAINTED, 0.1),
        Form("cylinder vase", "cylinder vase", 110, (14, 34), PORCELAIN + STONEWARE, PAINTED, 0.1),
        Form("jar", "covered jar", 240, (20, 46), PORCELAIN + STONEWARE, PAINTED, 0.2),
        Form("amphora", "two-handled vase", 260, (24, 55), ("earthenware", "creamware", "oxblood", "tenmoku"),
            PAINTED, 0.15),
        Form("gourd vase", "double gourd vase", 290, (18, 36), PORCELAIN + STONEWARE, PAINTED, 0.1),
        Form("fluted vase", "fluted vase", 140, (14, 30), PORCELAIN + STONEWARE, ("plain",), 0.1),
    ), (("Harrowgate Pottery", "Ashmere", 0.35), ("Lindqvist & Aal", "Norrvik", 0.7), ("Manufaktur Ebersthal",
        "Ebersthal", 0.9),
        ("Atelier Courvel", "Saint-Aubrac", 0.5), ("unmarked", "", -0.3))),
    Category("Tableware", 0.0, 0.38, 0.5, (
        Form("plate", "plate", 60, (19, 27), (*PORCELAIN, "earthenware"), PAINTED[1:], 0.2),
        Form("charger", "charger", 130, (30, 45), (*PORCELAIN, "earthenware", "oxblood"), PAINTED, 0.0),
        Form("bowl", "bowl", 110, (14, 32), PORCELAIN + STONEWARE, PAINTED, 0.1),
        Form("teapot", "teapot", 150, (12, 20), (*PORCELAIN, "stoneware", "tenmoku", "earthenware"), PAINTED, 0.0),
        Form("jug", "jug", 90, (14, 28), (*PORCELAIN, "stoneware", "earthenware"), PAINTED, 0.0),
        Form("cup and saucer", "cup and saucer", 55, (7, 10), PORCELAIN, PAINTED, 0.25),
        Form("tureen", "covered tureen", 220, (20, 34), (*PORCELAIN, "earthenware"), PAINTED, 0.0),
    ), (("Manufaktur Ebersthal", "Ebersthal", 0.8), ("Brackwater Potteries", "Brackwater", 0.2),
        ("Fábrica do Sobral", "Sobral", 0.3),
        ("Kobayama Kiln", "Kobayama", 0.7), ("unmarked", "", -0.35))),
    Category("Glass", 0.01, 0.40, 0.6, (
        Form("glass vase", "vase", 130, (15, 36), GLASSES, ("plain", "ribbed", "twisted"), 0.1),
        Form("decanter", "decanter and stopper", 95, (22, 34), GLASSES, ("plain", "ribbed"), 0.25),
        Form("goblet", "goblet", 60, (14, 24), GLASSES, ("plain", "ribbed"), 0.3),
        Form("glass bowl", "bowl", 105, (16, 34), GLASSES, ("plain", "ribbed", "twisted"), 0.0),
        Form("paperweight", "paperweight", 120, (6, 9), ("clear", "cobalt", "amethyst"), ("millefiori", "bubble"), 0.0),
        Form("scent bottle", "scent bottle", 85, (9, 16), GLASSES, ("plain", "ribbed"), 0.1),
    ), (("Glashütte Steinrieth", "Steinrieth", 0.6), ("Orsini Vetri", "Isola Lunga", 0.9), ("Kilmarra Glassworks",
        "Kilmarra", 0.3), ("unsigned", "", -0.3))),
    Category("Silver & metalware", 0.03, 0.32, 0.8, (
        Form("candlestick", "candlestick", 140, (14, 32), METALS, ("plain", "knopped", "fluted"), 0.6),
        Form("tankard", "lidded tankard", 320, (14, 24), METALS[:3], ("plain", "banded"), 0.0),
        Form("coffee pot", "coffee pot", 290, (18, 30), METALS, ("plain", "fluted"), 0.0),
        Form("salver", "salver", 190, (20, 38), METALS, ("plain", "engraved"), 0.0),
        Form("beaker", "beaker", 120, (8, 13), METALS, ("plain", "banded"), 0.3),
        Form("tazza", "tazza", 210, (14, 26), METALS, ("plain", "fluted"), 0.15),
        Form("mortar", "mortar and pestle", 110, (10, 17), ("brass", "copper"), ("banded",), 0.0),
    ), (("J. Tarrant & Daughters", "Ashmere", 0.6), ("Widow Okkers", "Vrijhaven", 0.9), ("Prata Lourenço", "Sobral",
        0.4), ("no maker's mark", "", -0.25))),
    Category("Jewellery", 0.035, 0.35, 0.2, (
        Form("solitaire ring", "solitaire ring", 650, (1.7, 2.1), GOLDS, ("ruby", "sapphire", "emerald", "diamond",
            "citrine", "amethyst")),
        Form("cluster ring", "cluster ring", 820, (1.7, 2.2), GOLDS, ("ruby", "sapphire", "emerald", "diamond")),
        Form("signet ring", "signet ring", 380, (1.8, 2.4), GOLDS, ("onyx", "lapis", "carnelian")),
        Form("bangle", "hinged bangle", 540, (5.8, 7), GOLDS, ("plain", "turquoise", "coral")),
        Form("bead necklace", "bead necklace", 260, (40, 60), ("silver", "yellow gold"), ("coral", "turquoise",
            "lapis", "pearl", "amber", "jade")),
        Form("brooch", "flower brooch", 310, (3, 6), GOLDS, ("ruby", "sapphire", "pearl", "amethyst")),
        Form("drop earrings", "pair of drop earrings", 290, (2.5, 5), GOLDS, ("amethyst", "citrine", "pearl",
            "emerald", "turquoise")),
    ), (("Maison Delavaux", "Saint-Aubrac", 0.8), ("Ferro & Conti", "Valdoro", 0.5), ("S. Abravanel", "Vrijhaven",
        0.6), ("unsigned", "", -0.2))),
    Category("Clocks", -0.02, 0.42, 0.5, (
        Form("mantel clock", "mantel clock", 240, (22, 40), (*CABINET, "black marble")),
        Form("carriage clock", "carriage clock", 330, (11, 17), ("brass", "silver")),
        Form("bracket clock", "bracket clock", 620, (32, 48), CABINET),
        Form("wall clock", "dial wall clock", 190, (30, 45), CABINET),
        Form("portico clock", "portico clock", 480, (38, 54), ("white marble", "black marble", "mahogany", "ebonised")),
        Form("alarm clock", "table alarm clock", 45, (9, 15), ("brass", "copper", "painted pine")),
    ), (("Ambrose Tolley", "Ashmere", 0.6), ("Veuve Marchandeau", "Saint-Aubrac", 0.8), ("Uhrenfabrik Nordtal",
        "Nordtal", 0.2), ("unsigned movement", "", -0.3))),
    Category("Lamps", 0.04, 0.40, 0.4, (
        Form("table lamp", "table lamp", 150, (38, 70), ("porcelain", "celadon", "stoneware", "tenmoku", "brass",
            "cobalt"), ("plain", "bands", "blossom"), 0.3),
        Form("oil lamp", "oil lamp", 120, (38, 60), ("brass", "copper", "amber", "emerald"), ("plain",), 0.1),
        Form("desk lamp", "adjustable desk lamp", 170, (35, 55), ("brass", "copper", "black enamel", "red enamel",
            "green enamel")),
        Form("mushroom lamp", "mushroom lamp", 280, (32, 50), ("opal", "amber opal", "rose opal"), ("plain",), 0.15),
        Form("lantern", "hall lantern", 210, (30, 55), ("brass", "copper", "black enamel")),
    ), (("Lumetta", "Isola Lunga", 0.9), ("Belysning Norrvik", "Norrvik", 0.7), ("Hartog & Zoon", "Vrijhaven", 0.2),
        ("maker unknown", "", -0.3))),
    Category("Seating", -0.03, 0.42, 0.3, (
        Form("dining chair", "dining chair", 90, (84, 98), CABINET, COVERS, 0.35),
        Form("ladder-back chair", "ladder-back chair", 70, (90, 108), ("oak", "walnut", "painted pine", "ebonised"),
            ("rush", "rush", "linen"), 0.35),
        Form("armchair", "upholstered armchair", 320, (78, 100), CABINET, COVERS, 0.2),
        Form("stool", "footstool", 85, (28, 46), CABINET, COVERS, 0.1),
        Form("bentwood chair", "bentwood chair", 80, (82, 92), ("walnut", "ebonised", "oak", "mahogany"), ("cane",
            "cane", "black leather"), 0.3),
        Form("bench", "hall bench", 210, (44, 52), ("oak", "walnut", "painted pine"), ("plain",)),
    ), (("Snickeriet Aal", "Norrvik", 0.9), ("Pemberley & Rooke", "Ashmere", 0.4), ("Thielmann Söhne", "Ebersthal",
        0.5), ("maker unknown", "", -0.25))),
    Category("Furniture", -0.04, 0.45, 0.4, (
        Form("chest of drawers", "chest of drawers", 420, (76, 110), CABINET),
        Form("side table", "side table", 180, (60, 78), CABINET, ("plain",), 0.15),
        Form("pedestal table", "pedestal table", 210, (66, 78), CABINET),
        Form("coffer", "panelled coffer", 340, (50, 72), ("oak", "walnut", "painted pine")),
        Form("bookcase", "open bookcase", 260, (110, 190), CABINET),
        Form("wall mirror", "wall mirror", 240, (50, 110), ("gilt", "walnut", "ebonised", "mahogany", "silvered"),
            ("rectangular", "oval"), 0.1),
        Form("sideboard", "sideboard", 380, (74, 92), CABINET),
    ), (("Snickeriet Aal", "Norrvik", 0.9), ("Pemberley & Rooke", "Ashmere", 0.35), ("Oficina Matosinho", "Sobral",
        0.2), ("maker unknown", "", -0.2))),
    Category("Pictures", 0.01, 0.50, 0.7, (
        Form("landscape", "landscape", 380, (30, 90), ("oil on canvas", "oil on board", "watercolour"), ("gilt",
            "oak", "ebonised", "white")),
        Form("seascape", "coastal view", 420, (30, 90), ("oil on canvas", "oil on board", "watercolour"), ("gilt",
            "oak", "ebonised", "white")),
        Form("abstract", "abstract composition", 460, (40, 110), ("oil on canvas", "gouache", "screenprint"),
            ("white", "oak", "ebonised", "silvered")),
        Form("still life", "still life", 360, (28, 70), ("oil on canvas", "oil on board"), ("gilt", "walnut",
            "ebonised")),
        Form("portrait", "portrait", 340, (34, 80), ("oil on canvas", "oil on board"), ("gilt", "walnut", "ebonised")),
        Form("print", "geometric composition", 180, (35, 80), ("screenprint", "woodcut", "lithograph"), ("white",
            "oak", "ebonised")),
    ), (("Edda Marlow", "Ashmere", 0.9), ("Tomás Vilar", "Sobral", 0.7), ("H. van Oosterdam", "Vrijhaven", 1.1),
        ("Irja Saarelä", "Norrvik", 0.8),
        ("Continental School", "", -0.2), ("unsigned", "", -0.45))),
    Category("Rugs", -0.01, 0.40, 0.9, (
        Form("medallion carpet", "medallion carpet", 520, (180, 340), ("wool", "wool and silk", "faded wool"),
            ("crimson", "navy", "ivory", "sage")),
        Form("prayer rug", "prayer rug", 280, (120, 180), ("wool", "faded wool"), ("crimson", "navy", "rust", "sage")),
        Form("kilim", "kilim", 190, (150, 280), ("wool", "faded wool"), ("rust", "navy", "ivory", "mustard")),
        Form("gul rug", "tribal rug", 330, (140, 260), ("wool", "faded wool"), ("crimson", "rust", "navy")),
        Form("modernist rug", "modernist rug", 310, (150, 260), ("wool", "wool and silk"), ("mustard", "sage",
            "ivory", "navy")),
    ), (("Zerrin workshop", "Karadağlı", 0.5), ("Ateliers Touzani", "Aït Selma", 0.4), ("Vävstugan Norrvik",
        "Norrvik", 0.8), ("weaver unknown", "", -0.1))),
    Category("Sculpture", 0.025, 0.46, 0.7, (
        Form("bust", "head of a young woman", 620, (28, 52), STONES),
        Form("torso", "standing torso", 680, (30, 70), STONES),
        Form("bird", "bird", 380, (14, 40), STONES),
        Form("pierced form", "pierced form", 740, (22, 55), STONES),
        Form("knot", "endless knot", 520, (20, 45), ("bronze", "white marble", "black marble", "serpentine")),
        Form("obelisk", "obelisk", 240, (24, 60), STONES[:4], ("plain",), 0.5),
    ), (("Greta Holmsund", "Norrvik", 1.0), ("A. Ferrantino", "Valdoro", 0.8), ("Rui Alcobia", "Sobral", 0.6),
        ("unsigned", "", -0.3))),
)  # fmt: skip

PERIODS: tuple[tuple[str, int, float], ...] = (
    ("late 18th century", 1785, 0.25), ("first half of the 19th century", 1830, 0.15), ("circa 1880", 1880, 0.05),
        ("circa 1900", 1900, 0.0),
    ("circa 1920", 1920, 0.0), ("1930s", 1935, 0.05), ("mid-20th century", 1955, 0.1), ("1970s", 1975, -0.05),
        ("late 20th century", 1990, -0.2),
)  # fmt: skip

# words, effect on log price, how worn the renderer shows it (0..1)
CONDITIONS: tuple[tuple[str, float, float], ...] = (
    ("Very good condition", 0.10, 0.0), ("Good condition, light wear from use", 0.0, 0.25),
    ("Minor wear consistent with age", -0.06, 0.4), ("Surface scratches and some discolouration", -0.2, 0.6),
    ("Old restoration, visible on close inspection", -0.35, 0.7), ("Damaged and worn, sold as seen", -0.6, 1.0),
)  # fmt: skip
CONDITION_WEIGHTS = (22, 34, 22, 12, 6, 4)

TWIN_SHARE, REOFFER_SHARE = 0.07, 0.08
SALES = 24
