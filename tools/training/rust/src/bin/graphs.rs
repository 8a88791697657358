//! Shortest paths, components and trees of graphs.
use petgraph::{algo, graph::DiGraph, unionfind::UnionFind};
use training::Rng;

fn main() {
    let mut rng = Rng::new(14);
    let mut graph = DiGraph::<u32, u32>::new();
    let nodes: Vec<_> = (0..4000).map(|i| graph.add_node(i)).collect();
    for _ in 0..16_000 {
        graph.add_edge(nodes[rng.below(4000)], nodes[rng.below(4000)], rng.below(100) as u32);
    }
    let mut reached = 0;
    for &from in &nodes[..4] {
        reached += algo::dijkstra(&graph, from, None, |edge| *edge.weight()).len();
    }
    let components = algo::tarjan_scc(&graph).len() + algo::kosaraju_scc(&graph).len();
    let mut sets = UnionFind::<u32>::new(4000);
    let joined = graph.raw_edges().iter().filter(|e| sets.union(e.source().index() as u32, e.target().index() as u32));
    let joined = joined.count();
    println!("{reached} {components} {joined} {}", algo::page_rank(&graph, 0.85_f64, 1)[5] > 0.0);
}
