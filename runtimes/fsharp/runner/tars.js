// `tars` for the prelude: what a cell may ask of the host, as F# sees it. A tuple of F# is an array here.

import { call, callTree } from './host.js';
import { flush } from './output.js';

const find = (node, name) => node.val?.find(([key]) => key === name)?.[1];

export function log(level, message) {
  flush();
  call('log', { level, message: (message ?? '').toWellFormed() });
}

export const read = (path) => call('fs.read-text', { path });
export const bytes = (path) => Uint8Array.from(call('fs.read-bytes', { path }));
export const write = (path, text) => void call('fs.write-text', { path, text: text ?? '' });
export const writeBytes = (path, content) => void call('fs.write-bytes', { path, bytes: Uint8Array.from(content) });
export const append = (path, text) => void call('fs.append-text', { path, text: text ?? '' });
export const list = (path) => call('fs.list', { path }).map(({ name, kind, size }) => [name, kind, BigInt(size)]);
export const exists = (path) => call('fs.exists', { path });
export const mkdir = (path) => void call('fs.create-folder', { path });
export const remove = (path) => void call('fs.remove', { path });

export function info(path) {
  const { kind, size } = call('fs.info', { path });
  return [path, kind, BigInt(size)];
}

/** `headers` are pairs, `body` may be null, `milliseconds` may be 0 for the policy's own limit. */
export function request(method, url, headers, body, milliseconds) {
  const fields = new Map(headers);
  const answer = callTree('http.request', { method, url, headers: fields, body: body == null ? null : Uint8Array.from(body), timeout: milliseconds > 0 ? Math.round(milliseconds) : null });
  return [
    find(answer, 'status').val,
    find(answer, 'reason').val,
    find(answer, 'url').val,
    find(answer, 'headers').val.map(([name, value]) => [name, value.val]),
    Uint8Array.from(find(answer, 'body').val),
  ];
}

/** Only what is given: the host knows the rest. */
const given = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
const completion = (answer) => [answer.text ?? '', answer.model ?? '', answer.provider ?? '', Number(answer.input_tokens ?? 0), Number(answer.output_tokens ?? 0)];
const words = (pairs) => (pairs ? new Map(pairs) : null);
const texts = (fields) => Object.entries(fields ?? {}).map(([name, value]) => [name, String(value ?? '')]);

export const complete = (prompt, model, mostTokens, temperature, system) => completion(call('llm.complete', given({ prompt, model, max_tokens: mostTokens, temperature, system })));
export const chat = (messages, model, mostTokens, temperature) =>
  completion(call('llm.chat', given({ messages: messages.map(([role, content]) => ({ role, content })), model, max_tokens: mostTokens, temperature })));
export const embed = (all) => call('llm.embed', { texts: all }).vectors.map((vector) => Float64Array.from(vector, Number));

export const add = (text, id, metadata, store) => call('vector.add', given({ text, id, metadata: words(metadata), store })).id;
/** For the aliases, whose metadata is whatever a script has at hand. */
export const addWith = (text, metadata) => call('vector.add', given({ text, metadata })).id;
export const search = (text, limit, store) => call('vector.search', given({ text, limit, store })).map((hit) => [String(hit.id), hit.text ?? '', Number(hit.score ?? 0), texts(hit.metadata)]);

export const run = (path, variables) => {
  const answer = call('metascript.run', given({ path, variables: words(variables) }));
  return [answer.status ?? '', answer.output ?? '', Object.entries(answer.variables ?? {})];
};

export const announce = (name, capabilities) => void call('agents.announce', given({ name, capabilities }));
export const message = (to, content) => void call('agents.message', { to, content });
export const inbox = (name) => call('agents.inbox', { name }).map((one) => [one.from ?? '', one.content ?? '']);
export const agents = () => call('agents.list', {}).map((one) => (typeof one === 'string' ? [one, []] : [one.name ?? '', one.capabilities ?? []]));
