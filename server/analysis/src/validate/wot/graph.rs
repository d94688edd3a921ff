//! The graph that nodes and edges make: it has one start, no cycle, and every edge has two ends.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Reader;
use crate::diagnostic::known;
use crate::finding::Finding;
use crate::ir::Span;
use crate::spelling::closest;

pub(super) fn check(reader: &mut Reader<'_>) {
    let mut index: FxHashMap<&str, usize> = FxHashMap::default();
    let mut findings = Vec::new();
    for (at, node) in reader.nodes.iter().enumerate() {
        let span = Span::new(node.id.1.start, node.id.1.end);
        if let Some(first) = index
            .get(node.id.0)
            .and_then(|&first| reader.nodes.get(first))
        {
            let first = Span::new(first.id.1.start, first.id.1.end);
            findings.push(
                Finding::new(
                    known::WOT_DUPLICATE_NODE,
                    span,
                    format!("there is already a node `{}`", node.id.0),
                )
                .related(first, "the first one"),
            );
        } else {
            index.insert(node.id.0, at);
        }
        if node.work && !node.has_tool && !node.has_checks {
            findings.push(Finding::new(
                known::WOT_EMPTY_WORK,
                span,
                format!(
                    "the `work` node `{}` has neither a tool nor checks",
                    node.id.0
                ),
            ));
        }
    }
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); reader.nodes.len()];
    let mut entered: FxHashSet<usize> = FxHashSet::default();
    for ends in &reader.edges {
        for (id, range) in ends {
            if !index.contains_key(id) {
                findings.push(unknown(
                    id,
                    Span::new(range.start, range.end),
                    index.keys().copied(),
                ));
            }
        }
        let [from, to] = ends;
        if let (Some(&from), Some(&to)) = (index.get(from.0), index.get(to.0)) {
            if let Some(list) = followers.get_mut(from) {
                list.push(to);
            }
            entered.insert(to);
        }
    }
    findings.extend(starts(reader, &entered, &fed(reader)));
    findings.extend(cycle(reader, &followers));
    reader.findings.extend(findings);
}

fn unknown<'a>(id: &str, span: Span, ids: impl Iterator<Item = &'a str>) -> Finding {
    let finding = Finding::new(
        known::WOT_UNKNOWN_NODE,
        span,
        format!("there is no node `{id}`"),
    );
    match closest(id, ids) {
        Some(near) => finding.replace(format!("Change to `{near}`"), span, near),
        None => finding,
    }
}

/// The nodes that read what another node keeps: they cannot run first, whether or not an edge says so.
fn fed(reader: &Reader<'_>) -> FxHashSet<usize> {
    let mut makers: FxHashMap<&str, usize> = FxHashMap::default();
    for (at, node) in reader.nodes.iter().enumerate() {
        for name in node.output.into_iter().chain([node.id.0]) {
            makers.entry(name).or_insert(at);
        }
    }
    let reads_another = |(at, node): &(usize, &super::Node<'_>)| {
        node.inputs
            .iter()
            .any(|input| makers.get(input).is_some_and(|maker| maker < at))
    };
    let nodes = reader.nodes.iter().enumerate();
    nodes.filter(reads_another).map(|(at, _)| at).collect()
}

/// More than one start, where the nodes of one `parallel` block count as one. A workflow without a start is a cycle and
/// reported as that.
fn starts(
    reader: &Reader<'_>,
    entered: &FxHashSet<usize>,
    fed: &FxHashSet<usize>,
) -> Option<Finding> {
    let mut groups = FxHashSet::default();
    let mut starts = reader
        .nodes
        .iter()
        .enumerate()
        .filter(|(at, node)| {
            !entered.contains(at)
                && !fed.contains(at)
                && node.group.is_none_or(|group| groups.insert(group))
        })
        .map(|(_, node)| node);
    let first = starts.next()?;
    let others: Vec<_> = starts.collect();
    let second = others.first()?;
    let span = Span::new(second.id.1.start, second.id.1.end);
    let message = format!(
        "the workflow has {} start nodes; no edge leads to `{}`",
        others.len() + 1,
        second.id.0
    );
    let first_span = Span::new(first.id.1.start, first.id.1.end);
    Some(
        Finding::new(known::WOT_START, span, message)
            .related(first_span, format!("`{}` is a start node too", first.id.0)),
    )
}

/// One cycle, if there is any: found by walking depth first, without recursion.
fn cycle(reader: &Reader<'_>, followers: &[Vec<usize>]) -> Option<Finding> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; followers.len()];
    for root in 0..followers.len() {
        if marks.get(root) != Some(&Mark::New) {
            continue;
        }
        let mut path = vec![(root, 0usize)];
        if let Some(mark) = marks.get_mut(root) {
            *mark = Mark::Open;
        }
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            let follower = followers
                .get(node)
                .and_then(|list| list.get(*next))
                .copied();
            *next += 1;
            match follower {
                None => {
                    if let Some(mark) = marks.get_mut(node) {
                        *mark = Mark::Done;
                    }
                    path.pop();
                }
                Some(to) => match marks.get(to) {
                    Some(Mark::New) => {
                        if let Some(mark) = marks.get_mut(to) {
                            *mark = Mark::Open;
                        }
                        path.push((to, 0));
                    }
                    Some(Mark::Open) => {
                        let from = path.iter().position(|&(node, _)| node == to).unwrap_or(0);
                        let ids: Vec<&str> = path
                            .iter()
                            .skip(from)
                            .map(|&(node, _)| node)
                            .chain([to])
                            .filter_map(|node| reader.nodes.get(node).map(|node| node.id.0))
                            .collect();
                        let id = &reader.nodes.get(to)?.id;
                        let span = Span::new(id.1.start, id.1.end);
                        return Some(Finding::new(
                            known::WOT_CYCLE,
                            span,
                            format!("the edges form a circle: {}", ids.join(" -> ")),
                        ));
                    }
                    _ => {}
                },
            }
        }
    }
    None
}
