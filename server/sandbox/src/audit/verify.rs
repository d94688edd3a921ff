//! Whether the log is as it was written.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::chain::{Chain, Head, parts};

/// So many troubles are told; what is wrong with the first tells most.
const MOST_TROUBLES: usize = 100;

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Lines that were read.
    pub lines: u64,
    /// What is wrong, in order; empty if the log is whole.
    pub troubles: Vec<Trouble>,
}

/// Something in the log that nobody's Metascript wrote, or that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// The line was changed, or something before it was.
    Changed {
        /// File name.
        file: String,
        /// Line of the file, counted from one.
        line: usize,
    },
    /// The line is no entry: torn by a crash, or put in.
    Unreadable {
        /// File name.
        file: String,
        /// Line of the file, counted from one.
        line: usize,
    },
    /// Entries with these numbers are gone.
    Missing {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// Entries after this number were written and are gone.
    CutOff {
        /// The last that is there.
        after: u64,
        /// The last that there was.
        last: u64,
    },
    /// The file that tells the log's end is gone or not ours.
    NoHead,
    /// A writer found the log other than it had been left.
    Mismatch {
        /// Number of the entry that says so.
        seq: u64,
    },
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { file, line } => {
                write!(
                    f,
                    "{file}:{line}: the entry or the one before it was changed"
                )
            }
            Self::Unreadable { file, line } => write!(f, "{file}:{line}: this is no entry"),
            Self::Missing { from, to } if from == to => write!(f, "entry {from} is missing"),
            Self::Missing { from, to } => write!(f, "entries {from} to {to} are missing"),
            Self::CutOff { after, last } => write!(
                f,
                "the log ends with entry {after}, but entry {last} was written"
            ),
            Self::NoHead => {
                f.write_str("audit.head, which tells where the log ends, is missing or not genuine")
            }
            Self::Mismatch { seq } => write!(
                f,
                "entry {seq}: before it was written, the log was not as it had been left"
            ),
        }
    }
}

pub(super) fn verify(
    files: &[PathBuf],
    chain: &Chain<'_>,
    head: &Option<Head>,
) -> io::Result<Report> {
    let mut report = Report::default();
    let mut last: Option<(u64, String)> = None;
    let mut kept_from = 1;
    let mut first = None;
    for path in files {
        let file = name(path);
        for (at, line) in BufReader::new(File::open(path)?).split(b'\n').enumerate() {
            let line = String::from_utf8_lossy(&line?).into_owned();
            report.lines += 1;
            let Some((seq, body, mac)) = parts(&line) else {
                report.troubles.push(Trouble::Unreadable {
                    file: file.clone(),
                    line: at + 1,
                });
                continue;
            };
            first.get_or_insert(seq);
            let expected = last.as_ref().map_or(seq, |(seq, _)| seq + 1);
            if seq > expected {
                report.troubles.push(Trouble::Missing {
                    from: expected,
                    to: seq - 1,
                });
            } else {
                // The first line that is kept follows one that is not.
                let genuine = match &last {
                    Some((_, previous)) => seq == expected && chain.open(previous, &line).is_some(),
                    None => seq > 1 || chain.open("", &line).is_some(),
                };
                if !genuine {
                    report.troubles.push(Trouble::Changed {
                        file: file.clone(),
                        line: at + 1,
                    });
                }
            }
            let entry: Value = serde_json::from_str(&body)?;
            match entry.get("event").and_then(Value::as_str) {
                Some("log.rotated") => {
                    kept_from = entry.get("kept_from").and_then(Value::as_u64).unwrap_or(1);
                }
                Some("log.mismatch") => report.troubles.push(Trouble::Mismatch { seq }),
                _ => {}
            }
            last = Some((seq, mac));
        }
    }
    if let Some(first) = first.filter(|first| *first > kept_from) {
        report.troubles.insert(
            0,
            Trouble::Missing {
                from: kept_from,
                to: first - 1,
            },
        );
    }
    end(&mut report, head, last);
    report.troubles.truncate(MOST_TROUBLES);
    Ok(report)
}

/// Compares the last line with the head.
fn end(report: &mut Report, head: &Option<Head>, last: Option<(u64, String)>) {
    let (seq, mac) = last.unwrap_or_default();
    match head {
        None if report.lines > 0 => report.troubles.push(Trouble::NoHead),
        Some(head) if head.seq > seq => report.troubles.push(Trouble::CutOff {
            after: seq,
            last: head.seq,
        }),
        // A writer may have died between the line and the head; the chain has proved that line.
        Some(head) if head.seq == seq && head.mac != mac => {
            report
                .troubles
                .push(Trouble::Missing { from: seq, to: seq });
        }
        _ => {}
    }
}

fn name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// The number of a log's first entry.
pub(super) fn first_seq(path: &Path) -> io::Result<Option<u64>> {
    let mut line = String::new();
    BufReader::new(File::open(path)?).read_line(&mut line)?;
    Ok(parts(line.trim_end()).map(|(seq, _, _)| seq))
}

/// The end of the log as its lines have it, when nothing better tells: of length 0, so that the next writer notes that
/// it is not sure.
pub(super) fn last_known(files: &[PathBuf], chain: &Chain<'_>) -> io::Result<Head> {
    let mut head = Head::default();
    for path in files {
        let text = fs::read(path)?;
        for line in String::from_utf8_lossy(&text).lines() {
            if let Some((seq, _, mac)) = parts(line)
                && (chain.open(&head.mac, line).is_some() || head.seq == 0)
            {
                head.seq = seq;
                head.mac = mac;
            }
        }
    }
    Ok(head)
}
