"""Which engines there are, by the name that the setting INDEX_ENGINE and every manifest use."""

from search.index.annoy import AnnoyEngine
from search.index.base import Engine, IndexRefused, Options
from search.index.exact import ExactEngine


def engine(name: str, options: Options) -> Engine:
    """The engine called `name`, set up by its options; raises IndexRefused where there is none such."""
    try:
        if name == "annoy":
            return AnnoyEngine(trees=options["trees"], search_k=options["search_k"])
        if name == "exact":
            return ExactEngine()
        if name == "signature":
            from search.index.signature import SignatureEngine  # FAISS takes 0.2 s to import: only for who uses it

            return SignatureEngine(bits=options["bits"], candidates=options["candidates"])
    except KeyError as error:
        raise IndexRefused(f"The engine {name!r} needs the option {error}.") from error
    raise IndexRefused(f"There is no engine {name!r}.")
