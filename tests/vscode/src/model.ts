/** A scripted model behind the wire format of OpenAI's `/v1/chat/completions`, streamed as server-sent events. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class Model {
  /** What it says next, whatever it is asked. */
  says = "";
  /** Whether an answer stays open after its words. */
  hangs = false;
  /** Connections that were closed while an answer was open. */
  left = 0;
  readonly bodies: string[] = [];
  /** The `authorization` headers, in the order of the requests. */
  readonly keys: string[] = [];
  /** What the settings call `base_url`. */
  address = "";
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8");
      request.on("data", (piece: string) => (body += piece));
      request.on("end", () => {
        if (request.url === "/v1/models") {
          response.writeHead(200, { "content-type": "application/json" }).end('{"object":"list","data":[{"id":"test-model"},{"id":"another-model"}]}');
          return;
        }
        this.bodies.push(body);
        this.keys.push(request.headers.authorization ?? "");
        if (request.url !== "/v1/chat/completions") {
          response.writeHead(404, { "content-type": "application/json" }).end('{"error":{"message":"no such path"}}');
          return;
        }
        response.on("close", () => {
          if (!response.writableEnded) this.left += 1;
        });
        response.writeHead(200, { "content-type": "text/event-stream" });
        const send = (delta: object, reason: string | null = null): void => {
          const chunk = { id: "chatcmpl-1", object: "chat.completion.chunk", model: "test-model", choices: [{ index: 0, delta, finish_reason: reason }] };
          response.write(`data: ${JSON.stringify(chunk)}\n\n`);
        };
        send({ role: "assistant", content: "" });
        for (const piece of this.says.match(/[^]{1,9}/g) ?? []) send({ content: piece });
        if (this.hangs) return;
        send({}, "stop");
        response.end("data: [DONE]\n\n");
      });
    });
  }

  /** Listens; answers the `base_url` for the settings. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.address = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
    return this.address;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
