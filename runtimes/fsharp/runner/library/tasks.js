// Tasks and threads: `System.Threading`, `System.Threading.Tasks` and the parts of F#'s `Async` that wait.

import * as Async from 'fable-library/Async.js';
import { CancellationToken, OperationCanceledException } from 'fable-library/AsyncBuilder.js';
import { postAndAsyncReply } from 'fable-library/MailboxProcessor.js';
import { TimeoutException_$ctor } from 'fable-library/System.js';
import { TaskBuilder } from 'fable-library/TaskBuilder.js';
import { Exception } from 'fable-library/Util.js';
import { Task, clearTimeout, queueMicrotask, runUntil, setTimeout, sleep } from '../loop.js';
import { flush } from '../output.js';

/** What `Task.Wait` and `Task.Result` throw. */
export class AggregateException extends Exception {
  constructor(errors) {
    super(`One or more errors occurred. (${errors.map((error) => error?.message ?? String(error)).join(') (')})`, errors[0]);
    this.InnerExceptions = errors;
  }
}

const DEADLOCK = 'the cell waits for something that nothing will complete';

function wait(task, milliseconds = -1) {
  flush();
  let late = false;
  const timer = milliseconds >= 0 ? setTimeout(() => (late = true), milliseconds) : null;
  const done = runUntil(() => task.isDone || late);
  if (timer !== null) clearTimeout(timer);
  if (!done) throw new Exception(DEADLOCK);
  return task.isDone;
}

function outcome(task) {
  wait(task);
  if (task.isRejected) throw task.outcome;
  return task.outcome;
}

function result(task) {
  wait(task);
  if (task.isRejected) throw task.outcome instanceof AggregateException ? task.outcome : new AggregateException([task.outcome]);
  return task.outcome;
}

/** Fable's own is an `async` function, whose promise no cell can wait for. */
TaskBuilder.prototype.While = function (guard, computation) {
  return new Task((resolve, reject) => {
    const next = () => {
      try {
        if (guard()) Task.resolve(computation()).then(next, reject);
        else resolve(undefined);
      } catch (error) {
        reject(error);
      }
    };
    next();
  });
};

const span = (time) => (typeof time === 'number' ? time : Number(time));
const isToken = (value) => value instanceof CancellationToken;

function cancellable(task, token) {
  if (!isToken(token)) return task;
  return new Task((resolve, reject) => {
    if (token.isCancelled) return reject(new OperationCanceledException());
    token.addListener(() => reject(new OperationCanceledException()));
    task.then(resolve, reject);
  });
}

/** Runs the work soon; work that gives a task is waited for. */
const start = (work, token) => cancellable(new Task((resolve, reject) => queueMicrotask(() => {
  try {
    resolve(work());
  } catch (error) {
    reject(error);
  }
})), token);

function delay(time, token) {
  return cancellable(new Task((resolve) => setTimeout(() => resolve(undefined), span(time))), token);
}

const allOf = (first, rest) => (rest.length > 0 && !isToken(rest[0]) ? [first, ...rest] : Array.from(first));

const common = {
  'get_IsCompleted': (task) => task.isDone,
  'get_IsCompletedSuccessfully': (task) => task.isResolved,
  'get_IsFaulted': (task) => task.isRejected && !(task.outcome instanceof OperationCanceledException),
  'get_IsCanceled': (task) => task.isRejected && task.outcome instanceof OperationCanceledException,
  'get_Exception': (task) => (task.isRejected ? new AggregateException([task.outcome]) : null),
  'get_Status': (task) => (task.isResolved ? 5 : task.isRejected ? (task.outcome instanceof OperationCanceledException ? 6 : 7) : 1),
  'GetAwaiter': (task) => task,
  'ConfigureAwait': (task) => task,
  'ContinueWith': (task, next) => task.then(() => next(task), () => next(task)),
  'Wait': (task, time) => {
    if (time === undefined || isToken(time)) return void result(task);
    const done = wait(task, span(time));
    if (done) result(task);
    return done;
  },
  'Start': () => undefined,
  'RunSynchronously': (task) => void result(task),
  'WaitAsync': (task, time) => Task.race([task, new Task((_, reject) => setTimeout(() => reject(TimeoutException_$ctor()), span(time)))]),
  'Dispose': () => undefined,
};

const statics = {
  'Run': start,
  'FromResult': (value) => Task.resolve(value),
  'FromException': (error) => Task.reject(error),
  'FromCanceled': () => Task.reject(new OperationCanceledException()),
  'Delay': delay,
  'Yield': () => start(() => undefined),
  'get_CompletedTask': () => Task.resolve(undefined),
  'WhenAll': (first, ...rest) => Task.all(allOf(first, rest)),
  'WhenAny': (first, ...rest) => {
    const tasks = allOf(first, rest);
    return Task.race(tasks.map((task) => task.then(() => [task], () => [task]))).then(([task]) => task);
  },
  'WaitAll': (first, ...rest) => {
    const tasks = allOf(first, rest);
    for (const task of tasks) wait(task);
    const errors = tasks.filter((task) => task.isRejected).map((task) => task.outcome);
    if (errors.length > 0) throw new AggregateException(errors);
  },
  'WaitAny': (first, ...rest) => {
    const tasks = allOf(first, rest);
    if (!runUntil(() => tasks.some((task) => task.isDone))) throw new Exception(DEADLOCK);
    return tasks.findIndex((task) => task.isDone);
  },
};

/** A counter that `WaitOne` and `Release` move: the cell has one thread, so nothing ever competes for it. */
class Semaphore {
  constructor(count) {
    this.count = count;
    this.waiting = [];
  }
  take(time = -1) {
    if (this.count <= 0 && !runUntil(() => this.count > 0)) {
      if (time >= 0) return false;
      throw new Exception(DEADLOCK);
    }
    this.count--;
    return true;
  }
  takeLater() {
    if (this.count > 0) {
      this.count--;
      return Task.resolve(true);
    }
    return new Task((resolve) => this.waiting.push(resolve));
  }
  give(many = 1) {
    const before = this.count;
    for (let left = many; left > 0; left--) {
      const next = this.waiting.shift();
      if (next) next(true);
      else this.count++;
    }
    return before;
  }
  Dispose() {}
}

class Thread {
  constructor(work) {
    this.work = work;
    this.Name = null;
    this.IsBackground = false;
    this.task = null;
  }
}
const MAIN = new Thread(null);


const cell = (ref) => ({ get: () => ref.contents, set: (value) => (ref.contents = value) });

export default {
  'System.Threading.Tasks.Task': { ...common, ...statics },
  'System.Threading.Tasks.Task`1': { ...common, 'get_Result': result },
  'System.Threading.Tasks.ValueTask`1': { ...common, '.ctor': (value) => Task.resolve(value), 'get_Result': result, 'AsTask': (task) => task },
  'System.Threading.Tasks.ValueTask': { ...common, 'AsTask': (task) => task, 'get_CompletedTask': () => Task.resolve(undefined) },
  'System.Threading.Tasks.TaskFactory': { 'StartNew': (_, work, token) => start(work, token) },
  'System.Runtime.CompilerServices.TaskAwaiter': { 'GetResult': outcome, 'get_IsCompleted': (task) => task.isDone, 'OnCompleted': (task, next) => void task.then(next, next) },
  'System.Runtime.CompilerServices.TaskAwaiter`1': { 'GetResult': outcome, 'get_IsCompleted': (task) => task.isDone, 'OnCompleted': (task, next) => void task.then(next, next) },
  'System.Runtime.CompilerServices.ConfiguredTaskAwaitable`1': { 'GetAwaiter': (task) => task },
  'System.Runtime.CompilerServices.ConfiguredTaskAwaitable': { 'GetAwaiter': (task) => task },
  'System.Threading.Tasks.Parallel': {
    'For': (from, to, body) => {
      for (let at = from; at < to; at++) body(at);
    },
    'ForEach': (items, ...rest) => {
      const body = rest.at(-1);
      for (const item of items) body(item);
    },
    'Invoke': (...actions) => {
      for (const action of actions.length === 1 && Array.isArray(actions[0]) ? actions[0] : actions) action();
    },
  },
  'Microsoft.FSharp.Control.FSharpAsync': {
    'RunSynchronously': (computation, time, token) => {
      const task = Async.startAsPromise(computation, token ?? undefined);
      if (!wait(task, time ?? -1)) throw TimeoutException_$ctor();
      if (task.isRejected) throw task.outcome;
      return task.outcome;
    },
    'StartAsTask': (computation, _options, token) => Async.startAsPromise(computation, isToken(token) ? token : undefined),
    'StartImmediateAsTask': (computation, token) => Async.startAsPromise(computation, isToken(token) ? token : undefined),
    'AwaitTask': (task) => Async.awaitPromise(task),
    'Start': (computation, token) => queueMicrotask(() => Async.start(computation, isToken(token) ? token : undefined)),
    'SwitchToThreadPool': () => Async.sleep(0),
    'SwitchToNewThread': () => Async.sleep(0),
    'AwaitWaitHandle': (handle) => Async.awaitPromise(Task.resolve(true).then(() => handle.take())),
  },
  'Microsoft.FSharp.Control.FSharpMailboxProcessor`1': {
    'PostAndReply': (agent, build, time) => {
      const task = Async.startAsPromise(postAndAsyncReply(agent, build));
      if (!wait(task, time ?? -1)) throw TimeoutException_$ctor();
      return outcome(task);
    },
  },
  'System.Threading.Thread': {
    'Sleep': (time) => {
      flush();
      sleep(span(time));
    },
    '.ctor': (work) => new Thread(work),
    'Start': (thread, argument) => void (thread.task = start(() => thread.work(argument))),
    'Join': (thread, time) => (thread.task ? wait(thread.task, time === undefined ? -1 : span(time)) : true),
    'get_CurrentThread': () => MAIN,
    'get_ManagedThreadId': () => 1,
    'get_IsAlive': (thread) => thread === MAIN || Boolean(thread.task && !thread.task.isDone),
    'get_Name': (thread) => thread.Name,
    'set_Name': (thread, name) => void (thread.Name = name),
    'get_IsBackground': (thread) => thread.IsBackground,
    'set_IsBackground': (thread, is) => void (thread.IsBackground = is),
    'get_IsThreadPoolThread': () => false,
    'Yield': () => false,
    'SpinWait': () => undefined,
    'MemoryBarrier': () => undefined,
  },
  'System.Threading.ThreadPool': { 'QueueUserWorkItem': (work) => (start(() => work(null)), true) },
  'System.Threading.Interlocked': {
    'Increment': (ref) => (cell(ref).set(typeof ref.contents === 'bigint' ? ref.contents + 1n : ref.contents + 1), ref.contents),
    'Decrement': (ref) => (cell(ref).set(typeof ref.contents === 'bigint' ? ref.contents - 1n : ref.contents - 1), ref.contents),
    'Add': (ref, value) => (cell(ref).set(ref.contents + value), ref.contents),
    'Exchange': (ref, value) => {
      const before = ref.contents;
      ref.contents = value;
      return before;
    },
    'CompareExchange': (ref, value, expected) => {
      const before = ref.contents;
      if (Object.is(before, expected)) ref.contents = value;
      return before;
    },
    'Read': (ref) => ref.contents,
  },
  'System.Threading.Monitor': { 'Enter': () => undefined, 'Exit': () => undefined, 'TryEnter': () => true, 'Pulse': () => undefined, 'PulseAll': () => undefined },
  'System.Threading.SemaphoreSlim': {
    '.ctor': (count) => new Semaphore(count),
    'Wait': (semaphore, time) => semaphore.take(typeof time === 'number' ? time : -1),
    'WaitAsync': (semaphore) => semaphore.takeLater(),
    'Release': (semaphore, many) => semaphore.give(many),
    'get_CurrentCount': (semaphore) => semaphore.count,
    'Dispose': () => undefined,
  },
  'System.Threading.ManualResetEvent': { '.ctor': (set) => new Semaphore(set ? Infinity : 0) },
  'System.Threading.ManualResetEventSlim': {
    '.ctor': (set) => new Semaphore(set ? Infinity : 0), 'Set': (event) => void event.give(Infinity), 'Reset': (event) => void (event.count = 0),
    'Wait': (event) => void event.take(), 'get_IsSet': (event) => event.count > 0,
  },
  'System.Threading.AutoResetEvent': { '.ctor': (set) => new Semaphore(set ? 1 : 0) },
  'System.Threading.EventWaitHandle': {
    'Set': (event) => (event.count === Infinity ? true : (event.give(1), true)),
    'Reset': (event) => ((event.count = 0), true),
  },
  'System.Threading.WaitHandle': { 'WaitOne': (handle, time) => handle.take(typeof time === 'number' ? time : -1), 'Dispose': () => undefined, 'Close': () => undefined },
  'System.Threading.Volatile': { 'Read': (ref) => ref.contents, 'Write': (ref, value) => void (ref.contents = value) },
  'System.AggregateException': {
    'get_InnerExceptions': (error) => error.InnerExceptions ?? [error.innerException],
    'Flatten': (error) => error,
    'get_InnerException': (error) => error.innerException,
  },
};
