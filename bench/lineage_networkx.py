"""The lineage analysis as it is commonly done today: pandas and networkx. Compare bench/lineage.sql.

Needs the extra ``bench``. Run as ``python -m bench.lineage_networkx DUMP``.
"""

import json
import sys

import networkx as nx
import pandas as pd

PARENT_TAG = r"base_model:(?:(?:finetune|quantized|adapter|merge):)?([A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)?)"


def families(path: str) -> pd.DataFrame:
    """Return root, n_models, downloads and max_depth of every family in a dump."""
    models = pd.read_parquet(path, columns=["id", "createdAt", "downloads", "tags"])
    models["key"] = models["id"].str.lower()
    tags = models[["key", "tags"]].explode("tags")
    tags = tags[tags["tags"].str.startswith("base_model:", na=False)]
    tags["parent"] = tags["tags"].str.extract(f"^{PARENT_TAG}$", expand=False).str.lower()
    edges = tags.dropna(subset=["parent"])[["parent", "key"]].drop_duplicates()
    edges = edges[edges["parent"] != edges["key"]]

    graph = nx.DiGraph()
    graph.add_nodes_from(models["key"])
    graph.add_edges_from(edges.itertuples(index=False, name=None))
    created = dict(zip(models["key"], models["createdAt"], strict=True))
    for cycle in [members for members in nx.strongly_connected_components(graph) if len(members) > 1]:
        for parent, child in list(graph.subgraph(cycle).edges):
            if (created[parent], parent) >= (created[child], child):
                graph.remove_edge(parent, child)

    roots: dict[str, dict[str, tuple[int, float]]] = {}
    for node in nx.topological_sort(graph):
        parents = list(graph.predecessors(node))
        if not parents:
            roots[node] = {node: (0, 1.0)}
            continue
        gathered: dict[str, tuple[int, float]] = {}
        for parent in parents:
            for root, (depth, weight) in roots[parent].items():
                best, total = gathered.get(root, (depth + 1, 0.0))
                gathered[root] = (min(best, depth + 1), total + weight / len(parents))
        roots[node] = gathered

    members = pd.DataFrame(
        [(node, root, depth, weight) for node, found in roots.items() for root, (depth, weight) in found.items()],
        columns=["key", "root", "depth", "weight"],
    )
    members = members.merge(models[["key", "downloads"]], on="key", how="left")
    members["downloads"] = members["downloads"].fillna(0) * members["weight"]
    return (
        members.groupby("root")
        .agg(n_models=("key", "size"), downloads=("downloads", "sum"), max_depth=("depth", "max"))
        .reset_index()
    )


def main() -> None:
    """Print a digest of the families as JSON."""
    found = families(sys.argv[1])
    digest = {
        "n_families": len(found),
        "n_members": int(found["n_models"].sum()),
        "downloads": round(float(found["downloads"].sum())),
        "max_depth": int(found["max_depth"].max()),
        "largest": found.sort_values(["n_models", "root"], ascending=[False, True])["n_models"].head(20).tolist(),
        "most_downloaded": [round(value) for value in found["downloads"].nlargest(20)],
    }
    print(json.dumps(digest))


if __name__ == "__main__":
    main()
