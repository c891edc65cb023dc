import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { listen } from '../../../api/http/listen.ts';

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
    const before = performance.now();
    await server.close(20_000);
    expect(await answer).toBe('whole');
    expect(performance.now() - before).toBeLessThan(2000);
    agent.destroy();
  });
});
