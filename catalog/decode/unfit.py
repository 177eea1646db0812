"""Why a photo can't be taken, as a word: the sentence for people is made outside of the sandbox."""


class Unfit(Exception):
    """The file is refused; `code` is a key of `catalog.pictures.SENTENCES`.

    `decoded` is False where no decoder has seen the bytes: the child that refused them is as good as new.
    """

    def __init__(self, code: str, width: int = 0, height: int = 0, *, decoded: bool = True) -> None:
        super().__init__(code)
        self.code, self.width, self.height, self.decoded = code, width, height, decoded
