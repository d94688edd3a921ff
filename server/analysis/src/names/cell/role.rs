//! What an identifier does in each language, by the kinds of the nodes around it.

mod rust;

use metascript_syntax::Language;
use tree_sitter::Node;

pub(super) use rust::format_names;

/// What an identifier does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Binds a name in the scope that it stands in.
    Define,
    /// Binds a name in the scope around: the name of a function stands inside the function's own scope.
    DefineOutside,
    /// Writes a name, and makes it if there is none.
    Assign,
    /// Reads a name.
    Use,
}

/// A language whose trees we read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grammar {
    Python,
    JavaScript,
    TypeScript,
    FSharp,
    CSharp,
    Rust,
}

impl Grammar {
    pub(super) fn of(language: &Language) -> Option<Grammar> {
        match language {
            Language::Python => Some(Grammar::Python),
            Language::JavaScript => Some(Grammar::JavaScript),
            Language::TypeScript => Some(Grammar::TypeScript),
            Language::FSharp => Some(Grammar::FSharp),
            Language::CSharp => Some(Grammar::CSharp),
            Language::Rust => Some(Grammar::Rust),
            _ => None,
        }
    }

    pub(super) fn language(self) -> tree_sitter::Language {
        match self {
            Grammar::Python => tree_sitter_python::LANGUAGE.into(),
            Grammar::JavaScript => tree_sitter_javascript::LANGUAGE.into(),
            Grammar::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            Grammar::FSharp => tree_sitter_fsharp::LANGUAGE_FSHARP.into(),
            Grammar::CSharp => tree_sitter_c_sharp::LANGUAGE.into(),
            Grammar::Rust => tree_sitter_rust::LANGUAGE.into(),
        }
    }

    pub(super) fn opens_scope(self, node: Node<'_>) -> bool {
        let kinds: &[&str] = match self {
            Grammar::Python => &[
                "function_definition",
                "lambda",
                "class_definition",
                "list_comprehension",
                "set_comprehension",
                "dictionary_comprehension",
                "generator_expression",
            ],
            Grammar::JavaScript | Grammar::TypeScript => &[
                "statement_block",
                "function_declaration",
                "generator_function_declaration",
                "function_expression",
                "arrow_function",
                "method_definition",
                "class_declaration",
                "class",
                "for_statement",
                "for_in_statement",
                "catch_clause",
            ],
            Grammar::FSharp => &[
                "function_or_value_defn",
                "fun_expression",
                "function_expression",
                "rule",
                "for_expression",
                "short_comp_expression",
                "type_definition",
                "member_defn",
            ],
            Grammar::CSharp => &[
                "block",
                "method_declaration",
                "constructor_declaration",
                "local_function_statement",
                "lambda_expression",
                "foreach_statement",
                "for_statement",
                "class_declaration",
                "record_declaration",
                "struct_declaration",
                "enum_declaration",
                "interface_declaration",
                "catch_clause",
            ],
            Grammar::Rust => rust::SCOPES,
        };
        node.is_named() && kinds.contains(&node.kind())
    }

    /// Whether a scope runs when somebody calls it, and may read names that are made after it. Compiled languages look
    /// names up at once.
    pub(super) fn defers(self, node: Node<'_>) -> bool {
        match self {
            Grammar::Python => matches!(node.kind(), "function_definition" | "lambda"),
            Grammar::JavaScript | Grammar::TypeScript => matches!(
                node.kind(),
                "function_declaration"
                    | "generator_function_declaration"
                    | "function_expression"
                    | "arrow_function"
                    | "method_definition"
            ),
            Grammar::FSharp | Grammar::CSharp | Grammar::Rust => false,
        }
    }

    /// What a node does with a name; `None` if it is no name that others could see. `above` are the nodes around it,
    /// outermost first: asking a node for its parent would search from the root each time.
    pub(super) fn role<'t>(self, node: Node<'t>, above: &[Node<'t>], code: &str) -> Option<Role> {
        match self {
            Grammar::Python => (node.kind() == "identifier")
                .then(|| python(node, above))
                .flatten(),
            Grammar::JavaScript | Grammar::TypeScript => javascript(node, above),
            Grammar::FSharp => (node.kind() == "identifier")
                .then(|| fsharp(node, above, code))
                .flatten(),
            Grammar::CSharp => (node.kind() == "identifier")
                .then(|| csharp(node, above))
                .flatten(),
            Grammar::Rust => rust::role(node, above, code),
        }
    }
}

/// Whether `node` is the child of `parent` in the field.
fn is_field(parent: Node<'_>, node: Node<'_>, field: &str) -> bool {
    parent
        .child_by_field_name(field)
        .is_some_and(|child| child.id() == node.id())
}

/// Whether `node` lies in the field of `parent`, at any depth.
fn within(parent: Node<'_>, node: Node<'_>, field: &str) -> bool {
    parent.child_by_field_name(field).is_some_and(|child| {
        child.start_byte() <= node.start_byte() && node.end_byte() <= child.end_byte()
    })
}

fn python<'t>(node: Node<'t>, above: &[Node<'t>]) -> Option<Role> {
    let (parent, around) = above.split_last()?;
    let parent = *parent;
    match parent.kind() {
        "attribute" if is_field(parent, node, "attribute") => return None,
        "keyword_argument" if is_field(parent, node, "name") => return None,
        "global_statement" | "nonlocal_statement" => return None,
        "function_definition" | "class_definition" if is_field(parent, node, "name") => {
            return Some(Role::DefineOutside);
        }
        "parameters" | "lambda_parameters" => return Some(Role::Define),
        "default_parameter" | "typed_default_parameter" if is_field(parent, node, "name") => {
            return Some(Role::Define);
        }
        "typed_parameter" => return Some(Role::Define),
        "augmented_assignment" if is_field(parent, node, "left") => return Some(Role::Use),
        "named_expression" if is_field(parent, node, "name") => return Some(Role::Define),
        "as_pattern_target" => return Some(Role::Define),
        "aliased_import" if is_field(parent, node, "alias") => return Some(Role::Define),
        "dotted_name" => return python_import(around.last().copied()?, parent, node),
        _ => {}
    }
    // Patterns on the left of an assignment or a loop.
    let mut inner = node;
    let mut outwards = above.iter().rev().copied();
    let mut outer = outwards.next()?;
    while matches!(
        outer.kind(),
        "pattern_list"
            | "tuple_pattern"
            | "list_pattern"
            | "list_splat_pattern"
            | "dictionary_splat_pattern"
    ) {
        inner = outer;
        outer = outwards.next()?;
        if matches!(outer.kind(), "parameters" | "lambda_parameters") {
            return Some(Role::Define);
        }
    }
    match outer.kind() {
        "assignment" | "for_statement" | "for_in_clause" if is_field(outer, inner, "left") => {
            Some(Role::Define)
        }
        _ => Some(Role::Use),
    }
}

/// The first name of `import a.b` and each name of `from m import a, b`.
fn python_import(around: Node<'_>, dotted: Node<'_>, node: Node<'_>) -> Option<Role> {
    let first = dotted
        .named_child(0)
        .is_some_and(|child| child.id() == node.id());
    match around.kind() {
        "import_statement" if first => Some(Role::Define),
        "import_from_statement" if first && !is_field(around, dotted, "module_name") => {
            Some(Role::Define)
        }
        "import_statement"
        | "import_from_statement"
        | "aliased_import"
        | "relative_import"
        | "future_import_statement" => None,
        _ => first.then_some(Role::Use),
    }
}

fn javascript<'t>(node: Node<'t>, above: &[Node<'t>]) -> Option<Role> {
    let parent = *above.last()?;
    match node.kind() {
        "shorthand_property_identifier_pattern" => return Some(Role::Define),
        "shorthand_property_identifier" => return Some(Role::Use),
        "type_identifier" => {
            let names = matches!(
                parent.kind(),
                "class_declaration"
                    | "interface_declaration"
                    | "type_alias_declaration"
                    | "enum_declaration"
                    | "abstract_class_declaration"
            ) && is_field(parent, node, "name");
            let scoped = matches!(parent.kind(), "class_declaration");
            return Some(match (names, scoped) {
                (true, true) => Role::DefineOutside,
                (true, false) => Role::Define,
                _ => Role::Use,
            });
        }
        "identifier" => {}
        _ => return None,
    }
    match parent.kind() {
        "function_declaration" | "generator_function_declaration" | "class_declaration"
            if is_field(parent, node, "name") =>
        {
            return Some(Role::DefineOutside);
        }
        "function_expression" | "class" if is_field(parent, node, "name") => {
            return Some(Role::Define);
        }
        "formal_parameters" => return Some(Role::Define),
        "required_parameter" | "optional_parameter" if is_field(parent, node, "pattern") => {
            return Some(Role::Define);
        }
        "arrow_function" if is_field(parent, node, "parameter") => return Some(Role::Define),
        "catch_clause" if is_field(parent, node, "parameter") => return Some(Role::Define),
        "import_clause" | "namespace_import" => return Some(Role::Define),
        "import_specifier" => {
            let alias = parent.child_by_field_name("alias");
            return alias
                .is_none_or(|alias| alias.id() == node.id())
                .then_some(Role::Define);
        }
        "enum_declaration" if is_field(parent, node, "name") => return Some(Role::Define),
        "assignment_expression" if is_field(parent, node, "left") => return Some(Role::Assign),
        "assignment_pattern" if !is_field(parent, node, "left") => return Some(Role::Use),
        _ => {}
    }
    let mut inner = node;
    let mut outwards = above.iter().rev().copied();
    let mut outer = outwards.next()?;
    while matches!(
        outer.kind(),
        "array_pattern"
            | "object_pattern"
            | "pair_pattern"
            | "rest_pattern"
            | "assignment_pattern"
            | "object_assignment_pattern"
    ) {
        inner = outer;
        outer = outwards.next()?;
    }
    let binds = match outer.kind() {
        "variable_declarator" => is_field(outer, inner, "name"),
        "for_in_statement" => is_field(outer, inner, "left"),
        "formal_parameters" | "catch_clause" => inner.id() != node.id(),
        "required_parameter" | "optional_parameter" => {
            inner.id() != node.id() && is_field(outer, inner, "pattern")
        }
        _ => false,
    };
    Some(if binds { Role::Define } else { Role::Use })
}

fn fsharp<'t>(node: Node<'t>, above: &[Node<'t>], code: &str) -> Option<Role> {
    let parent = *above.last()?;
    let first = |parent: Node<'_>| {
        parent
            .named_child(0)
            .is_some_and(|child| child.id() == node.id())
    };
    match parent.kind() {
        "function_declaration_left" => return Some(Role::DefineOutside),
        "long_identifier" if !first(parent) => return None,
        "dot_expression" if is_field(parent, node, "field") => return None,
        "property_or_ident" | "record_field" | "union_type_case" | "enum_type_case"
        | "namespace" | "type_argument" | "type_argument_defn" => return None,
        "type_name" => return Some(Role::DefineOutside),
        "module_defn" => return Some(Role::Define),
        _ => {}
    }
    // Climb to the node that says what the identifier is for.
    let mut inner = node;
    for outer in above.iter().rev().copied() {
        match outer.kind() {
            "import_decl" | "namespace" | "attribute" => return None,
            "value_declaration_left" => return binds(node, code).then_some(Role::DefineOutside),
            "argument_patterns" => return binds(node, code).then_some(Role::Define),
            "field_initializer"
                if outer
                    .named_child(0)
                    .is_some_and(|child| child.id() == inner.id()) =>
            {
                return None;
            }
            "rule" => {
                let pattern = outer
                    .named_child(0)
                    .is_some_and(|child| child.id() == inner.id());
                return Some(if pattern && binds(node, code) {
                    Role::Define
                } else {
                    Role::Use
                });
            }
            "for_expression" | "short_comp_expression" => {
                let pattern = outer
                    .named_child(0)
                    .is_some_and(|child| child.id() == inner.id());
                return Some(if pattern { Role::Define } else { Role::Use });
            }
            kind if kind.ends_with("_pattern")
                || matches!(kind, "long_identifier" | "long_identifier_or_op") => {}
            _ => return Some(Role::Use),
        }
        inner = outer;
    }
    Some(Role::Use)
}

/// In a pattern a lower-case word binds a name; a capital one is the case of a union or enum.
fn binds(node: Node<'_>, code: &str) -> bool {
    code.get(node.byte_range()).is_some_and(|text| {
        text.chars()
            .next()
            .is_some_and(|c| c.is_lowercase() || c == '_')
    })
}

fn csharp<'t>(node: Node<'t>, above: &[Node<'t>]) -> Option<Role> {
    let (parent, around) = above.split_last()?;
    let parent = *parent;
    match parent.kind() {
        "member_access_expression" if is_field(parent, node, "name") => None,
        "qualified_name" if is_field(parent, node, "name") => None,
        "member_binding_expression"
        | "name_colon"
        | "using_directive"
        | "label_statement"
        | "goto_statement" => None,
        "property_declaration"
        | "method_declaration"
        | "constructor_declaration"
        | "enum_member_declaration"
        | "namespace_declaration"
            if is_field(parent, node, "name") =>
        {
            None
        }
        "local_function_statement"
        | "class_declaration"
        | "record_declaration"
        | "struct_declaration"
        | "enum_declaration"
        | "interface_declaration"
            if is_field(parent, node, "name") =>
        {
            Some(Role::DefineOutside)
        }
        "variable_declarator" if is_field(parent, node, "name") => Some(Role::Define),
        "parameter" if is_field(parent, node, "name") => Some(Role::Define),
        "foreach_statement" if is_field(parent, node, "left") => Some(Role::Define),
        "lambda_expression" if within(parent, node, "parameters") => Some(Role::Define),
        "implicit_parameter" => Some(Role::Define),
        "catch_declaration"
        | "declaration_pattern"
        | "declaration_expression"
        | "single_variable_designation"
            if is_field(parent, node, "name") =>
        {
            Some(Role::Define)
        }
        "assignment_expression" if is_field(parent, node, "left") => {
            let initializer = around
                .last()
                .is_some_and(|around| around.kind() == "initializer_expression");
            (!initializer).then_some(Role::Use)
        }
        _ => Some(Role::Use),
    }
}
