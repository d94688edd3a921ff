//! The streams that a client speaks over.
//!
//! Tokio reads standard input on a thread of its own and hands over what came, and writes likewise: two changes of threads
//! for each message, which is longer than most answers take. Clients give pipes or sockets, which can be waited for without
//! a thread.

use tokio::io::{AsyncRead, AsyncWrite};

/// What the client says.
pub(super) fn input() -> Box<dyn AsyncRead + Send + Unpin> {
    #[cfg(unix)]
    if let Some(stream) = unix::input() {
        return stream;
    }
    Box::new(tokio::io::stdin())
}

/// What the client hears.
pub(super) fn output() -> Box<dyn AsyncWrite + Send + Unpin> {
    #[cfg(unix)]
    if let Some(stream) = unix::output() {
        return stream;
    }
    Box::new(tokio::io::stdout())
}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io;
    use std::os::fd::{AsFd, OwnedFd};
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    use std::os::unix::net;

    use tokio::io::{AsyncRead, AsyncWrite};
    use tokio::net::UnixStream;
    use tokio::net::unix::pipe::{Receiver, Sender};

    enum Kind {
        Pipe,
        Socket,
    }

    pub(super) fn input() -> Option<Box<dyn AsyncRead + Send + Unpin>> {
        let (file, kind) = open(&io::stdin())?;
        Some(match kind {
            Kind::Pipe => Box::new(Receiver::from_file(file).ok()?),
            Kind::Socket => Box::new(socket(file)?),
        })
    }

    pub(super) fn output() -> Option<Box<dyn AsyncWrite + Send + Unpin>> {
        let (file, kind) = open(&io::stdout())?;
        Some(match kind {
            Kind::Pipe => Box::new(Sender::from_file(file).ok()?),
            Kind::Socket => Box::new(socket(file)?),
        })
    }

    /// The stream, if it is one of those. Not where messages for people go the same way: those wait until they are written,
    /// and whoever waits for one end without blocking makes the other do so as well.
    fn open(stream: &impl AsFd) -> Option<(File, Kind)> {
        let file = copy(stream)?;
        let (own, errors) = (file.metadata().ok()?, copy(&io::stderr())?.metadata().ok()?);
        if (own.dev(), own.ino()) == (errors.dev(), errors.ino()) {
            return None;
        }
        let kind = own.file_type();
        if kind.is_fifo() {
            Some((file, Kind::Pipe))
        } else if kind.is_socket() {
            Some((file, Kind::Socket))
        } else {
            None
        }
    }

    fn copy(stream: &impl AsFd) -> Option<File> {
        stream.as_fd().try_clone_to_owned().ok().map(File::from)
    }

    fn socket(file: File) -> Option<UnixStream> {
        let stream = net::UnixStream::from(OwnedFd::from(file));
        stream.set_nonblocking(true).ok()?;
        UnixStream::from_std(stream).ok()
    }
}
