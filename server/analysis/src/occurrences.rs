//! Where a name is defined and read, over all languages of a file.

use std::ops::Range;

use smol_str::SmolStr;

use crate::db::{Piece, groups, pieces};
use crate::host::Ctx;
use crate::ir::Span;
use crate::names::{Def, DefKind, Names, Space, UseKind, piece_names};

/// The name at an offset.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    pub(crate) name: SmolStr,
    pub(crate) space: Space,
    pub(crate) range: Range<usize>,
    /// How the place under the cursor uses it; `None`: it defines it.
    pub(crate) used: Option<UseKind>,
    /// The part of the file that the name is limited to: a parameter lives in its function.
    pub(crate) area: Option<Range<usize>>,
}

/// One place of a name.
#[derive(Debug, Clone)]
pub(crate) struct Occurrence {
    pub(crate) range: Range<usize>,
    pub(crate) role: Role,
}

/// What a place does with a name.
#[derive(Debug, Clone)]
pub(crate) enum Role {
    Defines {
        kind: DefKind,
        full: Range<usize>,
        value: Option<Range<usize>>,
        language: Option<metascript_syntax::Language>,
    },
    Reads(UseKind),
}

impl Occurrence {
    pub(crate) fn defines(&self) -> bool {
        matches!(self.role, Role::Defines { .. })
    }

    /// Whether the place means the name for certain.
    pub(crate) fn certain(&self) -> bool {
        !matches!(self.role, Role::Reads(UseKind::Mention | UseKind::Loose))
    }
}

/// Each chunk of the file with its start and its names.
pub(crate) fn all_names(ctx: Ctx<'_>) -> impl Iterator<Item = (usize, Piece<'_>, &Names)> {
    groups(ctx.db, ctx.file)
        .iter()
        .flat_map(move |(start, group)| {
            pieces(ctx.db, *group).iter().map(move |(offset, piece)| {
                (
                    start + *offset as usize,
                    *piece,
                    &**piece_names(ctx.db, *piece),
                )
            })
        })
}

/// The chunk around an offset with its start and its names.
pub(crate) fn names_at(ctx: Ctx<'_>, offset: usize) -> Option<(usize, Piece<'_>, &Names)> {
    let placed = ctx.layout().chunk_at(offset)?;
    let groups = groups(ctx.db, ctx.file);
    let at = groups
        .partition_point(|(start, _)| *start <= placed.start)
        .checked_sub(1)?;
    let (start, group) = groups.get(at)?;
    let (offset, piece) = pieces(ctx.db, *group)
        .iter()
        .find(|(offset, _)| start + *offset as usize == placed.start)?;
    Some((
        start + *offset as usize,
        *piece,
        piece_names(ctx.db, *piece),
    ))
}

/// The name at an offset. A place that surely means a name wins over one that only looks like it.
pub(crate) fn hit(ctx: Ctx<'_>, offset: usize) -> Option<Hit> {
    let (base, _, names) = names_at(ctx, offset)?;
    let at = u32::try_from(offset.checked_sub(base)?).ok()?;
    let area_of = |name: &SmolStr, span: Span| {
        let local = names
            .defs
            .iter()
            .filter(|def| def.name == *name)
            .filter_map(|def| def.local)
            .find(|area| area.contains(span));
        local.map(|area| area.at(base))
    };
    let def = names
        .defs
        .iter()
        .find(|def| def.span.touches(at))
        .map(|def| Hit {
            name: def.name.clone(),
            space: def.kind.space(),
            range: def.span.at(base),
            used: None,
            area: def.local.map(|area| area.at(base)),
        });
    let used = names
        .uses
        .iter()
        .filter(|used| used.span.touches(at))
        .min_by_key(|used| match used.kind {
            UseKind::Expression | UseKind::Reference | UseKind::Cell => 0,
            UseKind::Template => 1,
            UseKind::Loose => 2,
            UseKind::Mention => 3,
        });
    def.or_else(|| {
        used.map(|used| Hit {
            name: used.name.clone(),
            space: used.space,
            range: used.span.at(base),
            used: Some(used.kind),
            area: area_of(&used.name, used.span),
        })
    })
}

/// All places of a name, in order, each once: those in the function that it is limited to, or those in no function that
/// has a name of its own like it.
pub(crate) fn occurrences(ctx: Ctx<'_>, hit: &Hit) -> Vec<Occurrence> {
    let mut found: Vec<Occurrence> = Vec::new();
    for (base, _, names) in all_names(ctx) {
        for def in names
            .defs
            .iter()
            .filter(|def| def.name == hit.name && def.kind.space() == hit.space)
        {
            if hit.area == def.local.map(|area| area.at(base)) {
                found.push(Occurrence {
                    range: def.span.at(base),
                    role: role(def, base),
                });
            }
        }
        for used in names
            .uses
            .iter()
            .filter(|used| used.name == hit.name && used.space == hit.space)
        {
            let local = names
                .defs
                .iter()
                .filter(|def| def.name == used.name)
                .filter_map(|def| def.local)
                .find(|area| area.contains(used.span));
            if hit.area == local.map(|area| area.at(base)) {
                found.push(Occurrence {
                    range: used.span.at(base),
                    role: Role::Reads(used.kind),
                });
            }
        }
    }
    found.sort_by_key(|place| (place.range.start, !place.defines(), !place.certain()));
    found.dedup_by(|later, earlier| later.range == earlier.range);
    found
}

fn role(def: &Def, base: usize) -> Role {
    Role::Defines {
        kind: def.kind,
        full: def.full.at(base),
        value: def.value.map(|value| value.at(base)),
        language: def.language.clone(),
    }
}

/// The definition that a reader at `offset` means: the last one before it, else the first one.
pub(crate) fn definition_for(places: &[Occurrence], offset: usize) -> Option<&Occurrence> {
    let mut definitions = places.iter().filter(|place| place.defines());
    let first = definitions.next()?;
    // Writing a value again is not where a name comes from, if there is a better place.
    let strong = |place: &&Occurrence| {
        !matches!(
            place.role,
            Role::Defines {
                kind: DefKind::Assigned | DefKind::Cell,
                ..
            }
        )
    };
    let before = places
        .iter()
        .filter(|place| place.defines() && place.range.start <= offset)
        .rfind(strong);
    let any_before = places
        .iter()
        .filter(|place| place.defines() && place.range.start <= offset)
        .next_back();
    let strong_any = places.iter().filter(|place| place.defines()).find(strong);
    before.or(any_before).or(strong_any).or(Some(first))
}
