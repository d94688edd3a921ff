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
