//! Lets only whole, well-formed messages through to the framework.
//!
//! The framework's reader ends for good at the first message that it cannot decode, and the server with
//! it. The sieve reads frames first, passes on what is a JSON-RPC message, and drops the rest with a
//! word in the log: one broken message costs one message.

use tokio::io::{
    AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex,
};
use tower_lsp_server::jsonrpc::{Request, Response};

/// Largest message that is taken, in bytes. More is read and thrown away.
const MAX_MESSAGE: usize = 256 * 1024 * 1024;

/// Bytes that wait between the sieve and the framework.
const BUFFER: usize = 64 * 1024;

/// What a client sent that was no message.
pub(crate) type Complaint = String;

/// Starts the task that reads `input`. Answers what the framework reads instead.
///
/// `complain` is called for everything that is dropped.
pub(crate) fn start(
    input: impl AsyncRead + Send + Unpin + 'static,
    complain: impl Fn(Complaint) + Send + Sync + 'static,
) -> DuplexStream {
    let (mut sink, source) = duplex(BUFFER);
    tokio::spawn(async move {
        let mut input = BufReader::new(input);
        // An error means that one of the two sides is gone; dropping the sink tells the framework.
        while let Ok(Some(length)) = header(&mut input, &complain).await {
            if pass(&mut input, &mut sink, length, &complain)
                .await
                .is_err()
            {
                break;
            }
        }
    });
    source
}

/// Reads a header. `None` at the end of the input. Lines that belong to no header are skipped.
async fn header(
    input: &mut (impl AsyncBufReadExt + Unpin),
    complain: &impl Fn(Complaint),
) -> std::io::Result<Option<usize>> {
    let mut length = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        if (&mut *input)
            .take(4096)
            .read_until(b'\n', &mut line)
            .await?
            == 0
        {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if text.is_empty() {
            if let Some(length) = length.take() {
                return Ok(Some(length));
            }
            continue;
        }
        match text.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok();
                if length.is_none() {
                    complain(format!("a header that makes no sense was skipped: {text}"));
                }
            }
            Some((name, _)) if name.eq_ignore_ascii_case("content-type") => {}
            _ => complain("bytes between two messages were skipped".to_owned()),
        }
    }
}

/// Reads one body and passes it on if it is a message.
async fn pass(
    input: &mut (impl AsyncRead + Unpin),
    sink: &mut DuplexStream,
    length: usize,
    complain: &impl Fn(Complaint),
) -> std::io::Result<()> {
    if length > MAX_MESSAGE {
        complain(format!(
            "a message of {length} bytes was thrown away; the limit is {MAX_MESSAGE}"
        ));
        let mut rest = input.take(length as u64);
        tokio::io::copy(&mut rest, &mut tokio::io::sink()).await?;
        return Ok(());
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body).await?;
    if let Err(problem) = message(&body) {
        complain(format!("a message was dropped: {problem}"));
        return Ok(());
    }
    sink.write_all(format!("Content-Length: {length}\r\n\r\n").as_bytes())
        .await?;
    sink.write_all(&body).await
}

/// Whether a body is a request, a notification or a response.
fn message(body: &[u8]) -> Result<(), String> {
    match serde_json::from_slice::<Request>(body) {
        Ok(request) if !request.method().is_empty() => Ok(()),
        Ok(_) => serde_json::from_slice::<Response>(body)
            .map(drop)
            .map_err(|error| error.to_string()),
        Err(problem) => serde_json::from_slice::<Response>(body)
            .map(drop)
            .map_err(|_| problem.to_string()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::{Arc, Mutex};

    use tokio::io::AsyncReadExt;

    fn sieve(input: &'static [u8]) -> (String, Vec<String>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let told = Arc::new(Mutex::new(Vec::new()));
            let teller = Arc::clone(&told);
            let mut output = super::start(input, move |text| teller.lock().unwrap().push(text));
            let mut passed = String::new();
            output.read_to_string(&mut passed).await.unwrap();
            let told = told.lock().unwrap().clone();
            (passed, told)
        })
    }

    const EXIT: &str = "Content-Length: 33\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}";

    #[test]
    fn messages_pass_unchanged() {
        let (passed, told) =
            sieve(b"Content-Length: 33\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}");
        assert_eq!(passed, EXIT);
        assert!(told.is_empty());
    }

    #[test]
    fn what_is_no_message_is_dropped_and_what_follows_passes() {
        let (passed, told) = sieve(
            b"hello\r\nContent-Length: 4\r\n\r\n{\"a\"Content-Length: 2\r\n\r\n[]Content-Length: x\r\n\r\nContent-Length: 33\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}",
        );
        assert_eq!(passed, EXIT);
        assert_eq!(told.len(), 4, "{told:?}");
    }

    #[test]
    fn an_input_that_ends_in_a_message_ends_the_output() {
        let (passed, _) = sieve(b"Content-Length: 500\r\n\r\n{\"jsonrpc\"");
        assert_eq!(passed, "");
    }
}
