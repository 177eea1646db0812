"""Why a photo can't be taken, as a word: the sentence for people is made outside of the sandbox."""


class Unfit(Exception):
    """The file is refused; `code` is a key of `catalog.pictures.SENTENCES`."""

    def __init__(self, code: str, width: int = 0, height: int = 0) -> None:
        super().__init__(code)
        self.code, self.width, self.height = code, width, height
