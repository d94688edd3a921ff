// An import that no cell has.
mod host {
    #[allow(improper_ctypes)]
    unsafe extern "C" {
        pub fn spawn(at: u32) -> u32;
    }
}
unsafe { host::spawn(1) }
