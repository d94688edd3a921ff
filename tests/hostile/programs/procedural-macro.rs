// shows: shut out of cells
extern crate proc_macro;
#[proc_macro]
pub fn run(input: proc_macro::TokenStream) -> proc_macro::TokenStream { input }
