// The host interface `tars`: what a cell may ask of the machine. Each call is checked by the script's policy.

/** The object that cells see. */
export function makeTars(call) {
  return { log: { info: (message) => call('log.info', { message: String(message) }) } };
}
