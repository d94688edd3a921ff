// expect: outOfMemory
let mut text = String::from("abc");
loop { text = text.clone() + &text }
