"""No two modules import each other, not even through others or for their types alone."""

from __future__ import annotations

import grimp


def test_no_modules_of_tools_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph("tools", cache_dir=None)
    imports = {m: graph.find_modules_directly_imported_by(m) for m in graph.modules}
    # What imports nothing that is left cannot be in a circle; circles stay.
    left = set(imports)
    while free := {module for module in left if not imports[module] & left}:
        left -= free
    assert not left, f"in a circle, or importing one: {sorted(left)}"
