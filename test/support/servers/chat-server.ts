import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What a chat service was asked. */
export interface ChatRequest {
  path: string;
  authorization: string | undefined;
  body: { model: string; messages: { role: string; content: string }[] };
}

type Reply = (response: ServerResponse, request: IncomingMessage) => void;

/** Answers with this body. */
export const sending =
  (body: string, status = 200, headers: Record<string, string> = {}): Reply =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);

/** Answers with this text. */
export const saying = (content: string): Reply => sending(JSON.stringify({ choices: [{ message: { content } }] }));

/** A small HTTP server that speaks OpenAI's `/chat/completions`, or whatever else a test makes it say. */
export class ChatServer {
  readonly requests: ChatRequest[] = [];
  /** How it answers. */
  reply: Reply = saying('a wider shot');
  readonly #server = createServer((request, response) => {
    void text(request).then((body) => {
      const { url = '', headers } = request;
      this.requests.push({ path: url, authorization: headers.authorization, body: JSON.parse(body || '{}') as never });
      this.reply(response, request);
    });
  });

  static async start(): Promise<ChatServer> {
    const server = new ChatServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
