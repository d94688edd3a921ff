// hides: /root
// hides: /home
// The macro under another name: the compiler has an empty environment.
use std::env as hidden;
hidden!("HOME")
