"""The endpoints of the Universal Commerce Protocol, in each of its versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.ucp.agents import AgentProfiles
from tools.ucp.catalogue import UcpCatalogue
from tools.ucp.profile import business_profile, like_schema
from tools.ucp.service import UcpService
from tools.ucp.versions import NEWEST, OPERATIONS, VERSIONS, Document, Version
from ui.chat.agent_api.addresses import addresses_under
from ui.chat.agent_api.middleware import Endpoint
from ui.chat.agent_api.ucp_rest import document_endpoint, operation_endpoint, refused_over_rest

if TYPE_CHECKING:
    from tools.mcp_server.server import ToolServer
    from tools.search.searchable_shop import SearchableShop

WELL_KNOWN = "/.well-known/ucp"


class UcpApi:
    """They answer once the shop is open."""

    def __init__(self, base: str, profiles: AgentProfiles | None, max_photo_mb: float) -> None:
        """`base` is the address under which others reach the chat; without `profiles` those of
        agents are not fetched."""
        self._base = base
        self._profiles = profiles
        self._max_photo_mb = max_photo_mb
        self._service: UcpService | None = None

    @property
    def mcp_paths(self) -> dict[str, Version]:
        """The path of each version's server."""
        return {f"/ucp/{version}/mcp": version for version in VERSIONS}

    def open(self, shop: SearchableShop) -> dict[str, ToolServer]:
        """Answers from this shop; gives the servers of the paths in `mcp_paths`."""
        from tools.mcp_server.ucp_server import make_ucp_server

        addresses = addresses_under(self._base, shop.name)
        catalogue = UcpCatalogue(shop, addresses, self._max_photo_mb)
        service = self._service = UcpService(catalogue, self._base, self._profiles)
        return {path: make_ucp_server(service, each) for path, each in self.mcp_paths.items()}

    def endpoints(self, *, keyed: bool) -> dict[str, Endpoint]:
        """The paths of REST and of what is published; `keyed` is whether a search needs a key."""
        found = {WELL_KNOWN: _published(business_profile(self._base, NEWEST), NEWEST)}
        for version in VERSIONS:
            root = f"/ucp/{version}"
            profile, like = business_profile(self._base, version), like_schema(self._base, version)
            found[f"{root}/profile.json"] = _published(profile, version)
            found[f"{root}/like.json"] = _published(like, version)
            for operation in OPERATIONS:
                app = operation_endpoint(self._opened, operation, version)
                found[f"{root}/catalog/{operation}"] = Endpoint(
                    app, refused_over_rest(version), keyed=keyed
                )
        return found

    def _opened(self) -> UcpService:
        assert self._service is not None, "the chat answers before its shop is open"
        return self._service


def _published(document: Document, version: Version) -> Endpoint:
    app = document_endpoint(document)
    return Endpoint(app, refused_over_rest(version), method="GET", keyed=False)
