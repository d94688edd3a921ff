// `tars`: what a cell may ask of the host. Each call is checked by the session's policy and written to its audit log.

import host from 'metascript:cell/host@0.1.0';
import { ask, metascript, wire } from './shared.js';
import { fromWire } from './values.js';
import { TextDecoder, TextEncoder } from './web.js';

function call(operation, parameters) {
  const made = wire(operation, parameters);
  return fromWire(ask(() => host.call(operation, made)));
}

const log = (level) => (message) => void call('log', { level, message: String(message) });

// An answer may have keys in an order that only a Map keeps.
const entries = (value) => (value instanceof Map ? [...value] : Object.entries(value));

/** The answer to a request. */
class Response {
  constructor({ status, reason, url, headers, body }) {
    this.status = status;
    this.reason = reason;
    this.url = url;
    this.headers = Object.fromEntries(entries(headers));
    this.body = body;
  }
  get ok() { return this.status >= 200 && this.status < 300; }
  get text() { return new TextDecoder().decode(this.body); }
  json() { return JSON.parse(this.text); }
}

function request(method, url, headers = {}, body = null, timeout = null) {
  const fields = Object.fromEntries(entries(headers ?? {}).map(([name, value]) => [String(name), String(value)]));
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : (body ?? null);
  const milliseconds = timeout == null ? null : Math.max(1, Math.round(timeout * 1000));
  return new Response(call('http.request', { method: String(method), url: String(url), headers: fields, body: bytes, timeout: milliseconds }));
}

function asked({ model = null, maxTokens = null, temperature = null, system = null }) {
  return { model, max_tokens: maxTokens, temperature, system };
}

export const tars = {
  log: log('info'),
  debug: log('debug'),
  warn: log('warning'),
  error: log('error'),
  /** Variables that the languages of the session share. */
  vars: {
    get: metascript.get,
    set: metascript.set,
    list: metascript.variables,
  },
  /** Files below the folders that the policy grants. Relative paths begin at the script's folder. */
  fs: {
    read: (path) => call('fs.read-text', { path: String(path) }),
    bytes: (path) => call('fs.read-bytes', { path: String(path) }),
    write: (path, content) =>
      void (typeof content === 'string'
        ? call('fs.write-text', { path: String(path), text: content })
        : call('fs.write-bytes', { path: String(path), bytes: content })),
    append: (path, text) => void call('fs.append-text', { path: String(path), text: String(text) }),
    list: (path = '.') => call('fs.list', { path: String(path) }),
    info: (path) => call('fs.info', { path: String(path) }),
    exists: (path) => call('fs.exists', { path: String(path) }),
    mkdir: (path) => void call('fs.create-folder', { path: String(path) }),
    remove: (path) => void call('fs.remove', { path: String(path) }),
  },
  /** Requests to the hosts that the policy grants; `timeout` is in seconds. */
  http: {
    request,
    get: (url, headers, timeout) => request('GET', url, headers, null, timeout),
    post(url, body, headers, timeout) {
      if (body == null || typeof body === 'string' || body instanceof Uint8Array) return request('POST', url, headers, body, timeout);
      return request('POST', url, { 'content-type': 'application/json', ...headers }, JSON.stringify(body), timeout);
    },
  },
  /** Language models that the policy and the user's settings allow. `model` names a provider or a model of the settings. */
  llm: {
    complete: (prompt, options = {}) => call('llm.complete', { prompt: String(prompt), ...asked(options) }),
    chat: (messages, options = {}) =>
      call('llm.chat', { messages: messages.map(({ role, content }) => ({ role: String(role), content: String(content) })), ...asked(options) }),
    embed(texts) {
      const { vectors } = call('llm.embed', { texts: typeof texts === 'string' ? [texts] : [...texts].map(String) });
      return typeof texts === 'string' ? vectors[0] : vectors;
    },
  },
  /** Texts that are found by likeness, in stores by name. */
  vector: {
    add(text, { id = null, metadata = {}, store = null } = {}) {
      const fields = Object.fromEntries(entries(metadata).map(([name, value]) => [String(name), String(value)]));
      return call('vector.add', { text: String(text), id, metadata: fields, store }).id;
    },
    search: (text, { limit = 5, store = null } = {}) => call('vector.search', { text: String(text), limit, store }),
  },
  /** Other scripts: each runs in a session of its own. */
  metascript: {
    run: (path, variables = {}) => call('metascript.run', { path: String(path), variables }),
  },
  /** Agents of the session, and messages between them. */
  agents: {
    announce: (name, capabilities = []) => void call('agents.announce', { name: String(name), capabilities: [...capabilities].map(String) }),
    list: () => call('agents.list', {}),
    message: (to, content, from = '') => void call('agents.message', { to: String(to), content: String(content), from: String(from) }),
    inbox: (name) => call('agents.inbox', { name: String(name) }),
  },
};
