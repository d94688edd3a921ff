// `System.Net.Http` for the prelude: the host makes the request, if the script may.

import { HostException, callTree } from './host.js';

const find = (node, name) => node.val?.find(([key]) => key === name)?.[1];

/** `fail` makes F#'s exception of a text. */
export function request(method, url, headers, body, milliseconds, fail) {
  const fields = Object.create(null);
  for (const [name, value] of headers) fields[name] = name in fields ? `${fields[name]}, ${value}` : value;
  let answer;
  try {
    answer = callTree('http.request', { method, url, headers: new Map(Object.entries(fields)), body: body == null ? null : Uint8Array.from(body), timeout: Number.isFinite(milliseconds) && milliseconds > 0 ? Math.round(milliseconds) : null });
  } catch (error) {
    if (error instanceof HostException) throw fail(error.message);
    throw error;
  }
  const content = find(answer, 'body');
  const members = {
    status: find(answer, 'status').val,
    reason: find(answer, 'reason')?.val ?? '',
    headers: (find(answer, 'headers')?.val ?? []).map(([name, value]) => [name, value.val]),
    body: content?.val instanceof Uint8Array ? content.val : Uint8Array.from(content?.val ?? []),
  };
  // The members of the prelude's interface, by the names that the compiler gives them.
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [`System.Net.Http.Implementation.Answer.get_${name}`, () => value]));
}
