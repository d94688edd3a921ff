struct Chain(Option<Box<Chain>>);
let mut chain = Chain(None);
for _ in 0..2_000_000 { chain = Chain(Some(Box::new(chain))) }
drop(chain);
