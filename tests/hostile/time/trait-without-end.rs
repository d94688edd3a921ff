// expect: stopped
// limit: time=4s
trait Deep { fn go(&self); }
struct Wrap<T>(T);
impl<T> Deep for Wrap<T> where Wrap<Wrap<T>>: Deep { fn go(&self) {} }
Wrap(1).go()
