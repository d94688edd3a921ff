// shows: left its memory
unsafe { std::ptr::write_volatile(0xffff_ff00 as *mut u64, 1) }
