// shows: the attribute `link` is shut out of cells
#[link(name = "c")]
unsafe extern "C" {
    fn system(command: *const u8) -> i32;
}
unsafe { system(c"id".as_ptr().cast()) }
