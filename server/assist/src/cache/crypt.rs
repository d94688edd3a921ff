//! Encryption of what is kept on disk, with a key that only the keychain of the operating system has.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::keychain::Keychain;

/// The entry of the keychain.
const ENTRY: &str = "cache-key";
const KEY_LEN: usize = 32;

/// Encrypts and decrypts records.
pub struct Sealer {
    key: LessSafeKey,
    random: SystemRandom,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer")
    }
}

impl Sealer {
    /// A sealer with the key in the keychain, made on first use; `None` where there is no keychain.
    pub async fn from_keychain() -> Option<Self> {
        Self::with_keychain(&Keychain::default()).await
    }

    async fn with_keychain(keychain: &Keychain) -> Option<Self> {
        let kept = keychain.read(ENTRY).await.ok();
        if let Some(key) = kept
            .and_then(|text| STANDARD.decode(text.trim()).ok())
            .filter(|key| key.len() == KEY_LEN)
        {
            return Self::new(&key);
        }
        let key = random_bytes::<KEY_LEN>()?;
        keychain.write(ENTRY, &STANDARD.encode(key)).await.ok()?;
        // A keychain that does not give back what it was given would make the cache unreadable.
        let back = keychain.read(ENTRY).await.ok()?;
        (STANDARD.decode(back.trim()).ok()? == key).then(|| Self::new(&key))?
    }

    fn new(key: &[u8]) -> Option<Self> {
        let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).ok()?);
        Some(Self {
            key,
            random: SystemRandom::new(),
        })
    }

    /// Encrypts a record under its name: a record moved to another name cannot be read.
    pub fn seal(&self, name: &str, plain: &[u8]) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).ok()?;
        let mut sealed = plain.to_vec();
        let aad = Aad::from(name.as_bytes());
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts a record; `None` if it was changed or belongs to another name or key.
    pub fn open(&self, name: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let plain = self
            .key
            .open_in_place(nonce, Aad::from(name.as_bytes()), &mut body)
            .ok()?;
        Some(plain.to_vec())
    }
}

/// Bytes that nobody can guess; `None` if the operating system has none.
pub(crate) fn random_bytes<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_under_its_name_only() {
        let sealer = Sealer::new(&[7; KEY_LEN]).unwrap();
        let sealed = sealer.seal("a", b"secret text").unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        assert_eq!(
            sealer.open("a", &sealed).as_deref(),
            Some(&b"secret text"[..])
        );
        assert_eq!(sealer.open("b", &sealed), None);
        assert_eq!(Sealer::new(&[8; KEY_LEN]).unwrap().open("a", &sealed), None);
        assert_eq!(sealer.open("a", &sealed[..5]), None);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_key_is_made_once_and_kept_by_the_keychain() {
        let folder = tempfile::tempdir().unwrap();
        let tool = folder.path().join("secret-tool");
        let script = format!(
            "#!/bin/sh\ncd {}\ncase $1 in store) cat > kept;; lookup) cat kept;; esac\n",
            folder.path().display()
        );
        std::fs::write(&tool, script).unwrap();
        std::fs::set_permissions(&tool, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
        let keychain = Keychain::with_program(&tool);
        let first = Sealer::with_keychain(&keychain).await.unwrap();
        let again = Sealer::with_keychain(&keychain).await.unwrap();
        let sealed = first.seal("x", b"y").unwrap();
        assert_eq!(again.open("x", &sealed).as_deref(), Some(&b"y"[..]));
        assert!(
            Sealer::with_keychain(&Keychain::with_program("/nonexistent/x"))
                .await
                .is_none()
        );
    }
}
