import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { freePorts } from '../../platform/http/ports.ts';
import { readConfig } from '../../platform/config/config.ts';
import { createLogger } from '../../platform/log/logger.ts';
import { temporalEnv } from '../../temporal/config.ts';
import { connectClient } from '../../temporal/connection.ts';
import { findTemporalCli } from '../../temporal/dev-server/cli.ts';
import { startDevServer } from '../../temporal/dev-server/dev-server.ts';
import { TcpLink } from '../../tools/chaos/tcp-link.ts';

/** Longer than the client waits before it tries a call again for the third time. */
const RETRIES_MS = 1_000;

it('a process that stops while Temporal is away fails what it still asked for, and does not crash', async () => {
  const [port = 0] = await freePorts(1);
  const server = await startDevServer({ cli: await findTemporalCli(), port });
  const link = await TcpLink.open([port]);
  try {
    const config = readConfig(temporalEnv, { TEMPORAL_ADDRESS: `127.0.0.1:${link.port}` });
    const client = await connectClient(config, { log: createLogger('test', 'silent') });
    link.state = 'cut';
    const asked = client.workflowService.getSystemInfo({}).then(
      () => 'answered',
      (error: { code?: number }) => error.code,
    );
    await sleep(50);
    await client.connection.close();
    // What is thrown out of a timer meanwhile fails this test.
    expect(await Promise.race([asked, sleep(RETRIES_MS, 'nothing')])).toBe(1);
    await sleep(RETRIES_MS);
  } finally {
    await link.close();
    await server.stop();
  }
});
