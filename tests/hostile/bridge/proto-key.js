// expect: ok
metascript.set('o', JSON.parse('{"__proto__": {"polluted": true}, "a": 1}'));
const back = metascript.get('o');
if ({}.polluted || back.polluted) throw new Error('polluted');
back.a
