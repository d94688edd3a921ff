use super::Syntax;
use super::value::Interpolation;

/// An expression in `${...}`. Operands are views in their turn; nothing is evaluated here.
#[derive(Debug, Clone, Copy)]
pub enum Expression<'d> {
    /// A name.
    Variable(Syntax<'d>),
    /// A number.
    Number(Syntax<'d>),
    /// A string, with its quotes.
    String(Syntax<'d>),
    /// `true` or `false`.
    Bool(Syntax<'d>),
    /// `null` or `undefined`.
    Null(Syntax<'d>),
    /// `` `...` ``.
    TemplateString(Syntax<'d>),
    /// `( ... )`.
    Parenthesized(Syntax<'d>),
    /// `object.property` and `object?.property`.
    Member(Syntax<'d>),
    /// `object[index]`.
    Index(Syntax<'d>),
    /// `function(arguments)`.
    Call(Syntax<'d>),
    /// `new Date()`.
    New(Syntax<'d>),
    /// `!x`, `-x`, `typeof x`.
    Unary(Syntax<'d>),
    /// `a + b` and the like.
    Binary(Syntax<'d>),
    /// `a ? b : c`.
    Ternary(Syntax<'d>),
    /// `x => y`.
    Arrow(Syntax<'d>),
    /// `[a, b]`.
    Array(Syntax<'d>),
    /// `{ a: b }`.
    Object(Syntax<'d>),
}

impl<'d> Expression<'d> {
    /// The expression that a node is, if it is one.
    pub fn cast(syntax: Syntax<'d>) -> Option<Self> {
        Some(match syntax.kind() {
            "variable" => Expression::Variable(syntax),
            "number_literal" => Expression::Number(syntax),
            "string_literal" => Expression::String(syntax),
            "boolean_literal" => Expression::Bool(syntax),
            "null_literal" => Expression::Null(syntax),
            "template_string" => Expression::TemplateString(syntax),
            "parenthesized_expression" => Expression::Parenthesized(syntax),
            "member_expression" => Expression::Member(syntax),
            "index_expression" => Expression::Index(syntax),
            "call_expression" => Expression::Call(syntax),
            "new_expression" => Expression::New(syntax),
            "unary_expression" => Expression::Unary(syntax),
            "binary_expression" => Expression::Binary(syntax),
            "ternary_expression" => Expression::Ternary(syntax),
            "arrow_function" => Expression::Arrow(syntax),
            "array_expression" => Expression::Array(syntax),
            "object_expression" => Expression::Object(syntax),
            _ => return None,
        })
    }

    /// The node.
    pub fn syntax(&self) -> Syntax<'d> {
        match self {
            Expression::Variable(syntax)
            | Expression::Number(syntax)
            | Expression::String(syntax)
            | Expression::Bool(syntax)
            | Expression::Null(syntax)
            | Expression::TemplateString(syntax)
            | Expression::Parenthesized(syntax)
            | Expression::Member(syntax)
            | Expression::Index(syntax)
            | Expression::Call(syntax)
            | Expression::New(syntax)
            | Expression::Unary(syntax)
            | Expression::Binary(syntax)
            | Expression::Ternary(syntax)
            | Expression::Arrow(syntax)
            | Expression::Array(syntax)
            | Expression::Object(syntax) => *syntax,
        }
    }

    /// A part by its field in grammar.js: `object`, `index`, `function`, `operand`, `left`, `right`,
    /// `condition`, `consequence`, `alternative`, `body`.
    pub fn part(&self, field: &str) -> Option<Expression<'d>> {
        Expression::cast(self.syntax().field(field)?)
    }

    /// The property of `object.property`.
    pub fn property(&self) -> Option<Syntax<'d>> {
        match self {
            Expression::Member(syntax) => syntax.field("property"),
            _ => None,
        }
    }

    /// The operator of a unary or binary expression.
    pub fn operator(&self) -> Option<&'d str> {
        self.syntax().field("operator").map(Syntax::kind)
    }

    /// The arguments of a call, the elements of an array or the expression in parentheses.
    pub fn operands(&self) -> Vec<Expression<'d>> {
        let holder = match self {
            Expression::Call(syntax) => syntax.field("arguments").unwrap_or(*syntax),
            other => other.syntax(),
        };
        let operand = |syntax: Syntax<'d>| match syntax.kind() {
            "spread_expression" => syntax.children().into_iter().find_map(Expression::cast),
            _ => Expression::cast(syntax),
        };
        holder.children().into_iter().filter_map(operand).collect()
    }

    /// The names of an arrow function's parameters.
    pub fn parameters(&self) -> Vec<Syntax<'d>> {
        let Expression::Arrow(syntax) = self else {
            return Vec::new();
        };
        let Some(holder) = syntax.field("parameters") else {
            return Vec::new();
        };
        if holder.kind() == "parameter" {
            vec![holder]
        } else {
            holder.children()
        }
    }

    /// The interpolations of a template string.
    pub fn interpolations(&self) -> Vec<Interpolation<'d>> {
        self.syntax()
            .children()
            .into_iter()
            .filter_map(Interpolation::cast)
            .collect()
    }
}
