/// <reference path="/etc/passwd" />
// expect: ok
// hides: root:
const ok: number = 1;
ok
