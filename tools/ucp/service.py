"""What both transports do for a request: the negotiation, the operation, and its envelope."""

from __future__ import annotations

from dataclasses import dataclass

from tools.ucp.agents import AgentProfiles, check_profile_address
from tools.ucp.catalogue import UcpCatalogue
from tools.ucp.errors import OutcomeError, error_message
from tools.ucp.profile import like_capability
from tools.ucp.versions import CAPABILITIES, SEARCH, Document, Operation, Version, envelope


@dataclass(frozen=True, slots=True)
class UcpService:
    """Blocking, and safe from any thread."""

    catalogue: UcpCatalogue
    base: str
    """The address under which the endpoints are."""
    profiles: AgentProfiles | None = None
    """None where agents name their profiles and nobody fetches them."""

    def answer(self, operation: Operation, data: object, agent: str, version: Version) -> Document:
        """The answer to a request in one version; `agent` is the address of the agent's profile.

        Raises TransportError for a request that is not processed.
        """
        own = CAPABILITIES[operation]
        active: tuple[str, ...] = (own,)
        try:
            active = self._negotiated(own, agent)
            document = self._run(operation, data)
        except OutcomeError as error:
            message = error_message(error.code, str(error), error.severity)
            failed: Document = {"ucp": envelope(version, active, "error"), "messages": [message]}
            # Only get_product has an error response; the others have products in any case.
            return failed if operation == "product" else failed | {"products": []}
        return {"ucp": envelope(version, active, "success"), **document}

    def _negotiated(self, own: str, agent: str) -> tuple[str, ...]:
        """The capabilities of an operation that both sides have."""
        if self.profiles is None:
            check_profile_address(agent)
            return (own,)
        theirs = self.profiles.profile(agent).capabilities
        if own not in theirs:
            raise OutcomeError(
                "capabilities_incompatible",
                f"The agent's profile does not name {own}. Add it to `ucp.capabilities`.",
            )
        extension = like_capability(self.base)
        return (own, extension) if own == SEARCH and extension in theirs else (own,)

    def _run(self, operation: Operation, data: object) -> Document:
        match operation:
            case "search":
                return self.catalogue.search(data)
            case "lookup":
                return self.catalogue.lookup(data)
            case "product":
                return self.catalogue.product(data)
