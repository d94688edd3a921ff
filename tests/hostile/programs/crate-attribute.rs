// shows: shut out of cells
#![feature(rustc_private)]
1
