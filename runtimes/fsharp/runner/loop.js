// Jobs, timers and promises of the session. They run inside a call, so that `Async.RunSynchronously`, `Task.Result`
// and `Thread.Sleep` can wait as they do in .NET: QuickJS itself would run promise jobs after the cell only.

import host from 'metascript:cell/host@0.1.0';

let jobs = [];
const timers = new Map();
let next = 1;

/** The user interrupted the cell while it waited. */
export class Interrupted extends Error {}

function add(callback, delay, parameters, repeats) {
  const wait = Math.min(Math.max(Number(delay) || 0, repeats ? 1 : 0), 2 ** 31 - 1);
  const id = next++;
  timers.set(id, { id, callback, parameters, wait, repeats, due: Date.now() + wait });
  return id;
}

export const setTimeout = (callback, delay, ...parameters) => add(callback, delay, parameters, false);
export const setInterval = (callback, delay, ...parameters) => add(callback, delay, parameters, true);
export const clearTimeout = (id) => void timers.delete(id);
export const clearInterval = clearTimeout;
export const queueMicrotask = (job) => void jobs.push(job);

function earliest() {
  let found = null;
  for (const timer of timers.values()) {
    if (!found || timer.due < found.due || (timer.due === found.due && timer.id < found.id)) found = timer;
  }
  return found;
}

/** Waits so long, with nothing else running. */
export function sleep(milliseconds) {
  for (let left = Math.ceil(milliseconds); left > 0; left -= 2 ** 31) {
    if (!host.sleep(Math.min(left, 2 ** 31))) throw new Interrupted('interrupted');
  }
}

/** Runs jobs and timers until `done()`. False if nothing is left that could bring it about. */
export function runUntil(done) {
  for (;;) {
    if (done()) return true;
    if (jobs.length > 0) {
      const ready = jobs;
      jobs = [];
      for (let at = 0; at < ready.length; at++) {
        if (done()) {
          jobs = ready.slice(at).concat(jobs);
          return true;
        }
        try {
          ready[at]();
        } catch (error) {
          jobs = ready.slice(at + 1).concat(jobs);
          throw error;
        }
      }
      continue;
    }
    const timer = earliest();
    if (!timer) return false;
    const wait = timer.due - Date.now();
    if (wait > 0) sleep(wait);
    if (timer.repeats) timer.due = Date.now() + timer.wait;
    else timers.delete(timer.id);
    timer.callback(...timer.parameters);
  }
}

export function clear() {
  jobs = [];
  timers.clear();
}

const PENDING = 0;
const RESOLVED = 1;
const REJECTED = 2;

/** A promise on this loop, which is also .NET's `Task`. */
export class Task {
  #state = PENDING;
  #value = undefined;
  #waiting = [];
  #bound = false;

  constructor(start) {
    try {
      start((value) => this.#resolve(value), (error) => this.#reject(error));
    } catch (error) {
      this.#reject(error);
    }
  }

  #resolve(value) {
    if (this.#bound) return;
    this.#bound = true;
    if (value instanceof Task) value.#when(() => (value.#state === RESOLVED ? this.#settle(RESOLVED, value.#value) : this.#settle(REJECTED, value.#value)));
    else this.#settle(RESOLVED, value);
  }

  #reject(error) {
    if (this.#bound) return;
    this.#bound = true;
    this.#settle(REJECTED, error);
  }

  #settle(state, value) {
    this.#state = state;
    this.#value = value;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const job of waiting) queueMicrotask(job);
  }

  #when(job) {
    if (this.#state === PENDING) this.#waiting.push(job);
    else queueMicrotask(job);
  }

  then(resolved, rejected) {
    return new Task((resolve, reject) => {
      this.#when(() => {
        const next = this.#state === RESOLVED ? resolved : rejected;
        if (typeof next !== 'function') return this.#state === RESOLVED ? resolve(this.#value) : reject(this.#value);
        try {
          resolve(next(this.#value));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  catch(rejected) {
    return this.then(undefined, rejected);
  }

  finally(job) {
    return this.then(
      (value) => Task.resolve(job()).then(() => value),
      (error) => Task.resolve(job()).then(() => Task.reject(error)),
    );
  }

  get isDone() { return this.#state !== PENDING; }
  get isResolved() { return this.#state === RESOLVED; }
  get isRejected() { return this.#state === REJECTED; }
  get outcome() { return this.#value; }

  static resolve(value) {
    return value instanceof Task ? value : new Task((resolve) => resolve(value));
  }

  static reject(error) {
    return new Task((_, reject) => reject(error));
  }

  static all(tasks) {
    const list = Array.from(tasks, Task.resolve);
    return new Task((resolve, reject) => {
      const values = new Array(list.length);
      let left = list.length;
      if (left === 0) resolve(values);
      list.forEach((task, at) => task.then((value) => {
        values[at] = value;
        if (--left === 0) resolve(values);
      }, reject));
    });
  }

  static race(tasks) {
    return new Task((resolve, reject) => {
      for (const task of tasks) Task.resolve(task).then(resolve, reject);
    });
  }
}
