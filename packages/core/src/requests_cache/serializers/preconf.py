"""Serializers and stages as objects, by the names that version 1 gave them; each is made on use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import init_serializer
from .base import Serializer
from .pipeline import Stage

if TYPE_CHECKING:
    from .cattrs import CattrStage

    base_stage: CattrStage
    bson_serializer: Serializer
    json_serializer: Serializer
    pickle_serializer: Serializer
    yaml_serializer: Serializer

__all__ = [
    "base_stage",
    "bson_serializer",
    "json_serializer",
    "pickle_serializer",
    "safe_pickle_serializer",
    "signer_stage",
    "utf8_encoder",
    "yaml_serializer",
]


def _encode(value: str | bytes) -> bytes:
    # Formats of ours give bytes where version 1 has text.
    return value.encode() if isinstance(value, str) else value


utf8_encoder: Stage = Stage(dumps=_encode, loads=bytes.decode)
"""Turns text into bytes; what is bytes already, as all formats here give it, stays as it is."""


def safe_pickle_serializer(
    secret_key: Any = None, salt: str | bytes = "requests-cache", **options: Any
) -> Serializer:
    """Give a pickle serializer that signs what it writes and reads nothing else.

    Args:
        secret_key: what it signs with: a text, bytes, or several of which the last one signs.
        salt: what tells these signatures from others that are made with the same key.
        options: have no effect; earlier versions handed them to itsdangerous.

    Raises:
        ConfigurationError: there is no `secret_key`.
        NotInstalledError: itsdangerous is missing.
    """
    return init_serializer("safe_pickle", secret_key=secret_key, salt=salt)


def signer_stage(secret_key: Any = None, salt: str | bytes = "requests-cache") -> Stage:
    """Give a stage that signs bytes, for the end of a list of stages.

    Raises:
        NotInstalledError: itsdangerous is missing.
    """
    from .documents import not_installed

    try:
        from itsdangerous import Signer
    except ImportError as error:
        raise not_installed("signer_stage", "security") from error
    return Stage(Signer(secret_key, salt), dumps="sign", loads="unsign")


def __getattr__(name: str) -> Any:
    kind, _, what = name.rpartition("_")
    if what == "serializer" and kind in ("bson", "default", "json", "pickle", "yaml"):
        return init_serializer(kind)
    if name == "base_stage" or name.endswith("_preconf_stage"):
        from .cattrs import CattrStage

        return CattrStage()
    from .._earlier.names import find

    return find(__name__, name)
