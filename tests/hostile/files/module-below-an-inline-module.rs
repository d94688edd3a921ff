// shows: `mod` without a body is shut out of cells
mod outer {
    pub mod inner;
}
