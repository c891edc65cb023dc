import { Agent, request } from 'node:http';
import { ATTACKER_ADDRESS, type Tally, type Target } from './target.ts';

const PATIENCE_MS = 60_000;

export interface Answer {
  status: number | 'closed' | 'silent';
  body: string;
}

/** An ordinary HTTP client from the attacker's address; every answer is counted. */
export class AttackClient {
  readonly #target: Target;
  readonly #tally: Tally;
  readonly #agent: Agent;

  /** @param connections at a time */
  constructor(target: Target, tally: Tally, connections: number) {
    this.#target = target;
    this.#tally = tally;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, localAddress: ATTACKER_ADDRESS });
  }

  async send(method: string, path: string, fields?: object, headers: Record<string, string> = {}): Promise<Answer> {
    const { host, port, key } = this.#target;
    const body = fields && JSON.stringify(fields);
    const all = {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      ...headers,
    };
    const answer = await new Promise<Answer & { retryAfter: boolean }>((resolve) => {
      const options = { host, port, method, path, headers: all, agent: this.#agent };
      const sent = request({ ...options, signal: AbortSignal.timeout(PATIENCE_MS) }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        const retryAfter = response.headers['retry-after'] !== undefined;
        response.on('error', () => {});
        response.once('close', () => resolve({ status: response.statusCode!, body: text, retryAfter }));
      });
      sent.once('error', ({ name }) =>
        resolve({
          status: name === 'TimeoutError' || name === 'AbortError' ? 'silent' : 'closed',
          body: '',
          retryAfter: false,
        }),
      );
      sent.end(body);
    });
    this.#tally.add(`${method} ${path}`, answer.status, answer.retryAfter);
    return answer;
  }

  close(): void {
    this.#agent.destroy();
  }
}
