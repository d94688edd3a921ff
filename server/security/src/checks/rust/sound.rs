//! Unsafe code that says, or shows in the lines around it, why it is right.

use crate::ast::{Id, Kind};
use crate::engine::Eval;

/// Lines of a comment that are looked at.
const LINES: usize = 24;

/// Functions of the C library that no argument makes dangerous to memory.
const HARMLESS: &[&str] = &[
    "getuid",
    "geteuid",
    "getgid",
    "getegid",
    "getpid",
    "getppid",
    "gettid",
    "isatty",
    "sysconf",
    "time",
    "chmod",
    "fchmod",
    "fsync",
    "flock",
    "getpagesize",
    "sched_yield",
];

/// Functions whose outcome must be looked at.
const CHECKED: &[&str] = &[
    "setuid",
    "setgid",
    "seteuid",
    "setegid",
    "setgroups",
    "setresuid",
    "setresgid",
    "chroot",
];

/// Whether the comment that ends before a place says why the code is safe.
pub(super) fn is_documented(ev: &Eval<'_, '_>, at: usize) -> bool {
    let before = ev.ast.src.get(..at).unwrap_or_default();
    let mut lines = before.rsplit('\n');
    let beside = lines.next().unwrap_or_default();
    let mut comment = lines
        .take(LINES)
        .map(str::trim)
        .take_while(|line| line.starts_with("//") || line.starts_with("#["));
    comment.any(says_so) || beside.contains("/*") && says_so(beside)
}

fn says_so(line: &str) -> bool {
    line.contains("SAFETY") || line.contains("# Safety") || line.contains("Safety:")
}

/// Whether an unsafe block is documented, or does what the lines before it make safe.
pub(super) fn is_sound(ev: &Eval<'_, '_>, id: Id) -> bool {
    let range = ev.ast.range(id);
    let block = ev.ast.text(id);
    // The comment stands before the statement that the block is a part of.
    let statement = ev.ast.ancestor(id, &[Kind::Stmt, Kind::Assign]);
    let starts = [range.start, ev.ast.range(statement).start];
    let inside = block.lines().take(3).map(str::trim);
    if starts.iter().any(|start| is_documented(ev, *start))
        || inside.filter(|line| line.contains("//")).any(says_so)
    {
        return true;
    }
    let function = ev.ast.ancestor(id, &[Kind::Func, Kind::Module]);
    let from = ev.ast.range(function).start;
    let before = ev.ast.src.get(from..range.start).unwrap_or_default();
    harmless_call(ev, id, block) || shown_by(block, before)
}

/// `unsafe { libc::getpid() }`; and `if unsafe { libc::setuid(id) } != 0`.
fn harmless_call(ev: &Eval<'_, '_>, id: Id, block: &str) -> bool {
    let Some((_, call)) = block.split_once("libc::") else {
        return false;
    };
    let name = call.split('(').next().unwrap_or_default();
    let alone = !call.contains("libc::") && !call.contains(';');
    let parent = ev.ast.kind(ev.ast.parent(id));
    let looked_at = matches!(parent, Kind::Binary | Kind::Compare);
    alone && (HARMLESS.contains(&name) && !open_mode(call) || CHECKED.contains(&name) && looked_at)
}

/// A mode that lets others write.
fn open_mode(call: &str) -> bool {
    let mode = call.split("0o").nth(1).unwrap_or_default();
    let mode = mode
        .split(|c: char| !c.is_digit(8))
        .next()
        .unwrap_or_default();
    mode.chars()
        .rev()
        .take(2)
        .any(|c| matches!(c, '2' | '3' | '6' | '7'))
}

/// What the lines before a block say of the call in it.
fn shown_by(block: &str, before: &str) -> bool {
    let said = |words: &[&str]| words.iter().any(|word| before.contains(word));
    let calls = |words: &[&str]| words.iter().any(|word| block.contains(word));
    if calls(&["set_len(0)", "size_of_val("]) {
        return true;
    }
    if calls(&["get_unchecked"]) {
        return said(&[
            "is_empty()",
            ".len() {",
            ".len() ||",
            "< self.len",
            "assert",
        ]);
    }
    if calls(&["copy_nonoverlapping(", "memcpy(", "memmove(", "ptr::copy("]) {
        return said(&[".min(", ".len() >", ".len() <", ".len() {", "assert"]);
    }
    if calls(&["assume_init"]) {
        return said(&[".write("]) && !block.contains("uninit()");
    }
    if calls(&["from_raw_parts("]) {
        return said(&["ManuallyDrop", "mem::forget("]);
    }
    if calls(&["::from_raw("]) {
        return said(&["into_raw("]) && !said(&["from_raw("]);
    }
    if calls(&["libc::free("]) {
        return said(&["malloc(", "calloc("]) && !said(&["free("]);
    }
    owned_text(block, before)
}

/// `unsafe { log(text.as_ptr()) }` of a text that lives in a variable.
fn owned_text(block: &str, before: &str) -> bool {
    let mut pointers = block.split(".as_ptr()");
    let name = pointers.next().unwrap_or_default();
    let name = name
        .rsplit(|c: char| !c.is_alphanumeric() && c != '_')
        .next()
        .unwrap_or_default();
    let one = pointers.next().is_some_and(|rest| !rest.contains('('));
    one && !name.is_empty()
        && pointers.next().is_none()
        && block.matches('(').count() == 2
        && before.contains(&format!("let {name} = CString::new("))
        && !before.contains(".as_ptr()")
}
