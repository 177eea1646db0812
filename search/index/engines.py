"""Which engines there are, by the name that the setting INDEX_ENGINE and every manifest use.

FAISS takes 0.2 s to import and Milvus' client a second: only who uses one pays for it.
"""

from pathlib import Path

from search.index.annoy import AnnoyEngine
from search.index.base import Engine, IndexRefused, Options
from search.index.exact import ExactEngine

ELSEWHERE = "milvus.json"  # in the directory of a build, part of which is a collection in Milvus


def engine(name: str, options: Options) -> Engine:
    """The engine called `name`, set up by its options; raises IndexRefused where there is none such."""
    try:
        if name == "annoy":
            return AnnoyEngine(trees=options["trees"], search_k=options["search_k"])
        if name == "exact":
            return ExactEngine()
        if name == "signature":
            from search.index.signature import SignatureEngine

            return SignatureEngine(bits=options["bits"], candidates=options["candidates"])
        if name == "milvus":
            from search.index.milvus import MilvusEngine

            return MilvusEngine(ef=options["ef"])
    except KeyError as error:
        raise IndexRefused(f"The engine {name!r} needs the option {error}.") from error
    raise IndexRefused(f"There is no engine {name!r}.")


def environment_of(directory: Path) -> dict[str, str]:
    """What a process whose environment is empty needs to open the build in `directory`."""
    if not (directory / ELSEWHERE).exists():
        return {}
    from search.index.milvus import environment

    return environment()


def discard(directory: Path) -> None:
    """Let go of what a build keeps outside of its directory; raises IndexRefused where that can't be reached."""
    if (directory / ELSEWHERE).exists():
        from search.index.milvus import discard

        discard(directory)
