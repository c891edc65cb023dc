import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { listen } from '../../../api/http/listen.ts';

const AN_HOUR_MS = 3_600_000;

describe('a server that is told to stop', () => {
  it('sends the answers that are under way, and then waits for no connection that is kept', async () => {
    const server = await listen(
      (_req, res) => {
        setTimeout(() => res.end('whole'), 300);
      },
      '127.0.0.1',
      0,
    );
    const agent = new Agent({ keepAlive: true });
    const answer = new Promise<string>((resolve, reject) => {
      request(server.url, { agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.once('end', () => resolve(text));
      })
        .once('error', reject)
        .end();
    });
    await sleep(100);
    // Not for the whole of that time.
    await server.close(AN_HOUR_MS);
    expect(await answer).toBe('whole');
    agent.destroy();
  });
});
