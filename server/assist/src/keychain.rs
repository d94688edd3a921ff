//! The keychain of the operating system, through the tool that comes with it: `secret-tool` on Linux (the Secret
//! Service), `security` on macOS, the Credential Locker through PowerShell on Windows.

use std::ffi::OsString;
use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::keys::run;

/// The service under which entries are kept.
const SERVICE: &str = "metascript";

/// Windows: entries are read from and written to the user's Credential Locker. The entry comes from an environment
/// variable, so no text of ours or of the user's becomes a part of the script.
const WINDOWS_READ: &str = "[void][Windows.Security.Credentials.PasswordVault,Windows.Security.Credentials,ContentType=WindowsRuntime]; \
    $c = (New-Object Windows.Security.Credentials.PasswordVault).Retrieve('metascript', $env:METASCRIPT_ENTRY); \
    $c.RetrievePassword(); [Console]::Out.Write($c.Password)";
const WINDOWS_WRITE: &str = "[void][Windows.Security.Credentials.PasswordVault,Windows.Security.Credentials,ContentType=WindowsRuntime]; \
    $p = [Console]::In.ReadLine(); \
    (New-Object Windows.Security.Credentials.PasswordVault).Add((New-Object Windows.Security.Credentials.PasswordCredential('metascript', $env:METASCRIPT_ENTRY, $p)))";

/// Which tool to call; tests put their own in its place.
#[derive(Debug, Clone)]
pub(crate) struct Keychain {
    program: OsString,
}

impl Default for Keychain {
    fn default() -> Self {
        let program = if cfg!(target_os = "macos") {
            "security"
        } else if cfg!(windows) {
            "powershell"
        } else {
            "secret-tool"
        };
        Self {
            program: program.into(),
        }
    }
}

/// Reads an entry of the user's keychain.
pub(crate) async fn read(entry: &str) -> Result<String, String> {
    Keychain::default().read(entry).await
}

impl Keychain {
    /// A keychain behind another program that takes the same arguments.
    #[cfg(test)]
    pub(crate) fn with_program(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
        }
    }

    /// The secret of an entry.
    pub(crate) async fn read(&self, entry: &str) -> Result<String, String> {
        let mut command = Command::new(&self.program);
        if cfg!(target_os = "macos") {
            command.args(["find-generic-password", "-s", SERVICE, "-a", entry, "-w"]);
        } else if cfg!(windows) {
            command
                .args(["-NoProfile", "-NonInteractive", "-Command", WINDOWS_READ])
                .env("METASCRIPT_ENTRY", entry);
        } else {
            command.args(["lookup", "service", SERVICE, "account", entry]);
        }
        run(&mut command)
            .await
            .map_err(|why| format!("the keychain {why}"))
    }

    /// Keeps a secret. It goes through the standard input where the tool allows, never through the command line of a
    /// tool that shows it to other processes for longer than its own run.
    pub(crate) async fn write(&self, entry: &str, secret: &str) -> Result<(), String> {
        let mut command = Command::new(&self.program);
        if cfg!(target_os = "macos") {
            // `-w` as the last word makes the tool read the secret from its input.
            command.args([
                "add-generic-password",
                "-U",
                "-s",
                SERVICE,
                "-a",
                entry,
                "-w",
            ]);
        } else if cfg!(windows) {
            command
                .args(["-NoProfile", "-NonInteractive", "-Command", WINDOWS_WRITE])
                .env("METASCRIPT_ENTRY", entry);
        } else {
            command.args([
                "store",
                "--label",
                "Metascript",
                "service",
                SERVICE,
                "account",
                entry,
            ]);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("the keychain cannot be started: {}", error.kind()))?;
        if let Some(mut input) = child.stdin.take() {
            // macOS asks twice.
            let text = if cfg!(target_os = "macos") {
                format!("{secret}\n{secret}\n")
            } else {
                secret.to_owned()
            };
            input
                .write_all(text.as_bytes())
                .await
                .map_err(|_| "the keychain took no secret".to_owned())?;
        }
        let status = child
            .wait()
            .await
            .map_err(|error| format!("the keychain failed: {}", error.kind()))?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the keychain failed with {status}"))
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_secret_comes_back_and_never_stands_on_a_command_line() {
        let folder = tempfile::tempdir().unwrap();
        let tool = folder.path().join("secret-tool");
        let script = format!(
            "#!/bin/sh\ncd {}\necho \"$@\" >> calls\ncase $1 in store) cat > kept;; lookup) cat kept;; esac\n",
            folder.path().display()
        );
        std::fs::write(&tool, script).unwrap();
        std::fs::set_permissions(&tool, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
        let keychain = Keychain::with_program(&tool);
        keychain.write("work", "sk-kept").await.unwrap();
        assert_eq!(keychain.read("work").await.unwrap(), "sk-kept");
        let calls = std::fs::read_to_string(folder.path().join("calls")).unwrap();
        assert_eq!(
            calls,
            "store --label Metascript service metascript account work\nlookup service metascript account work\n"
        );
    }

    #[tokio::test]
    async fn without_the_tool_it_says_so() {
        let why = Keychain::with_program("/nonexistent/secret-tool")
            .read("x")
            .await
            .unwrap_err();
        assert!(why.starts_with("the keychain cannot be started"), "{why}");
    }
}
