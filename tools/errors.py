"""The errors of Pounce, by who must act on them.

Every message says what is wrong and ends with what to do next. Foreign exceptions are mapped
to these where the foreign call is made; what is not mapped is a bug and keeps its traceback.
"""


class PounceError(Exception):
    """Something a person can mend. The message is a sentence for that person."""


class SetupError(PounceError):
    """For whoever runs the shop: a setting, a missing file, a server that does not answer."""


class ModelError(SetupError):
    """A checkpoint that cannot be loaded, or does not hold what its layout promises."""


class SearchIndexError(SetupError):
    """Milvus does not answer, or holds something else than this program put there."""


class CatalogueError(SetupError):
    """A catalogue that cannot be read at all. Single bad rows are set aside instead."""


class ShopperError(PounceError):
    """For the shopper: the sentence is shown as it is, so it holds nothing internal."""


class PhotoError(ShopperError):
    """A file that is no picture, is broken, or is larger than allowed."""


class RequestError(ShopperError):
    """A search that cannot be run as asked: bounds the wrong way round, nothing asked for."""
