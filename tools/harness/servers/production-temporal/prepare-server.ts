/** Run by the stand-in for the Temporal CLI, see stand-in.ts: prepares a server, and prints the path of its configuration. */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { freePorts } from '../../../../platform/http/ports.ts';
import { serverDatabases } from './databases.ts';
import { serverConfig } from './server-config.ts';
import type { StandInSettings } from './stand-in.ts';

const [, , settingsFile = '', pid = '', ...args] = process.argv;
const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;
/** All that temporal/dev-server/arguments.ts gives; anything else is refused. */
const { values } = parseArgs({
  args,
  options: {
    ip: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '7233' },
    'log-level': { type: 'string', default: 'info' },
    'db-filename': text,
    // There is no Web UI, and no HTTP API.
    headless: { type: 'boolean' },
    'ui-ip': text,
    'ui-port': text,
    'ui-codec-endpoint': text,
    'http-port': text,
    // SQLite's.
    'sqlite-pragma': texts,
    // The templates have all that there are; how the server is set up, k8s/temporal/values.yaml says.
    'search-attribute': texts,
    'dynamic-config-value': texts,
  },
});

const settings = JSON.parse(await readFile(settingsFile, 'utf8')) as StandInSettings;
const file = values['db-filename'];
const port = Number(values.port);
const [databases, ports] = await Promise.all([
  serverDatabases(settings.socket, pid, file === undefined ? null : resolve(file)),
  freePorts(7, '127.0.0.1', [port]),
]);
const config = join(settings.folder, `server-${pid}.json`);
const { postgres, dynamicConfig } = settings;
const place = { host: values.ip, port, ports, logLevel: values['log-level'], databases, postgres, dynamicConfig };
await writeFile(config, await serverConfig(place), { mode: 0o600 });
process.stdout.write(config);
