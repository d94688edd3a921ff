// node --test inline.test.mjs, with the folder of acorn's `node_modules` in METASCRIPT_PACKAGES.

import assert from 'node:assert';
import path from 'node:path';
import process from 'node:process';
import test from 'node:test';
import { createRequire } from 'node:module';
import { inlined } from './inline.mjs';
import { simpler } from './lean.mjs';

const { parse } = createRequire(path.join(path.resolve(process.env.METASCRIPT_PACKAGES), 'node_modules', 'anchor.js'))('acorn');
const put = (text) => inlined(text, () => null, parse);

/** What a module's `result` is, before and after; and that the call of `name` is gone, or still there. */
function same(text, name, gone) {
  const made = put(text);
  const run = (source) => new Function(`${source}\nreturn result;`)();
  assert.deepStrictEqual(run(made), run(text), made);
  const calls = made.replaceAll(`function ${name}(`, '').includes(`${name}(`);
  assert.strictEqual(!calls, gone, made);
}

test('a small function is put in where it is called', () => {
  assert.strictEqual(put('function f(a){return a.x}\nconst g=(b)=>f(b);'), 'function f(a){return a.x}\nconst g=(b)=>((b).x);');
});

test('what is put in may itself call', () => {
  same('function one(a){return a+1}function two(a){return one(one(a))}const result=((x)=>two(x))(3);', 'two', true);
});

test('a local name hides a function, or what its expression reads', () => {
  same('function f(a){return a+1}const result=((f)=>f(1))((x)=>x*10);', 'f', false);
  same('const k=5;function f(a){return a+k}const result=((k)=>f(k))(1);', 'f', false);
});

test('arguments are evaluated once', () => {
  same('let n=0;const next=()=>++n;function f(a){return a+a}const result=f(next());', 'f', false);
  same('let n=0;const next=()=>++n;function f(a){return 1}const result=[f(next()),n];', 'f', false);
});

test('arguments are evaluated in their order, before the body', () => {
  same('let log="";const say=(x)=>(log+=x,x);function f(a,b){return b+a}const result=[f(say("a"),say("b")),log];', 'f', false);
  same('let log="";const say=(x)=>(log+=x,x);function f(a,b){return a+b}const result=[f(say("a"),say("b")),log];', 'f', true);
  same('const o={x:1};const change=()=>(o.x=2);function f(a,b){return a.x+b}const result=((p)=>f(p,change()))(o);', 'f', false);
  same('let k=1;function f(a){return k+a}const result=f(k=5);', 'f', false);
  same('function f(a,b){return a??b}let n=0;const result=[((x)=>f(x,++n))(1),n];', 'f', false);
});

test('a name that changes meanwhile keeps its first value', () => {
  same('const call=(g)=>g();function f(a,g){return call(g)+a}const result=(()=>{let x=1;return f(x,()=>(x=10,1))})();', 'f', false);
});

test('a function that is written to, or has more than an expression, stays', () => {
  same('function f(a){return a}f=(a)=>-a;const result=f(1);', 'f', false);
  same('function f(a){const b=a;return b}const result=((x)=>f(x))(1);', 'f', false);
  same('function f(){return this}const result=typeof f();', 'f', false);
  same('function f(){return arguments.length}const result=((x)=>f(x))(1);', 'f', false);
});

test('comparisons with null and integers of 64 bits are written plainly', () => {
  const write = simpler({ equals: 'eq', wrap: 'wrap' });
  const made = (text) => inlined(text, write, parse);
  assert.strictEqual(made('g(eq(a.b,null));'), 'g((a.b==null));');
  assert.strictEqual(made('g(eq(a,b));'), 'g(eq(a,b));');
  assert.strictEqual(made('g(wrap(64,a&255n,!0));'), 'g((a&255n));');
  assert.strictEqual(made('g(wrap(64,a&-1n,!0));'), 'g(BigInt.asIntN(64,a&-1n));');
  assert.strictEqual(made('g(wrap(64,a,!1)>>BigInt(7));'), 'g(BigInt.asUintN(64,a)>>7n);');
});
