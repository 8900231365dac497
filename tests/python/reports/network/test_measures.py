"""Measures of graphs that were worked out by hand, or by networkx."""

import networkx as nx
import numpy as np
import pytest

from reports.network.measures import measure_graph


def test_a_merge_and_a_lone_pair() -> None:
    """0 and 1 are merged into 2; 2 has a child 3; 4 and 5 are a family of their own."""
    measures = measure_graph(6, np.array([0, 1, 2, 4]), np.array([2, 2, 3, 5]))
    assert measures.n_parents.tolist() == [0, 0, 2, 1, 0, 1]
    assert measures.n_children.tolist() == [1, 1, 1, 0, 1, 0]
    assert measures.component_id.tolist() == [1, 1, 1, 1, 2, 2]
    assert measures.component_size.tolist() == [4, 4, 4, 4, 2, 2]
    assert measures.pagerank.sum() == pytest.approx(1)
    assert measures.pagerank[0] == pytest.approx(measures.pagerank[1])
    assert measures.pagerank[2] > measures.pagerank[3]


def test_pagerank_and_components_are_those_of_networkx() -> None:
    rng = np.random.default_rng(0)
    pairs = {(int(parent), int(child)) for parent, child in rng.integers(0, 300, (400, 2)) if parent != child}
    parents, children = (np.array(ends) for ends in zip(*sorted(pairs), strict=True))
    measures = measure_graph(300, parents, children)
    graph = nx.DiGraph()
    graph.add_nodes_from(range(300))
    graph.add_edges_from(zip(children.tolist(), parents.tolist(), strict=True))
    expected = nx.pagerank(graph, alpha=0.85, tol=1e-12, max_iter=1000)
    assert measures.pagerank == pytest.approx([expected[node] for node in range(300)], abs=1e-8)
    found = {frozenset(np.flatnonzero(measures.component_id == number).tolist()) for number in measures.component_id}
    assert found == {frozenset(members) for members in nx.weakly_connected_components(graph)}
    assert np.all(np.diff([np.sum(measures.component_id == n) for n in range(1, len(found) + 1)]) <= 0)


def test_no_edges_no_measures() -> None:
    measures = measure_graph(0, np.array([], np.int64), np.array([], np.int64))
    assert measures.pagerank.size == measures.component_id.size == 0
