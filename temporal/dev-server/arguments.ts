import { basename } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../contract/names.ts';
import type { DevServerOptions } from './dev-server.ts';

/** What `temporal server start-dev` is told; `ui` is where its Web UI listens, null for none. */
export function serverArguments(
  { port, codecUrl, dbFile }: DevServerOptions,
  host: string,
  ui: { host: string; port: number } | null,
): string[] {
  return [
    'server',
    'start-dev',
    '--ip',
    host,
    '--port',
    String(port),
    '--log-level',
    'warn',
    ...(ui === null ? ['--headless'] : ['--ui-ip', ui.host, '--ui-port', String(ui.port)]),
    ...(codecUrl === undefined ? [] : ['--ui-codec-endpoint', codecUrl]),
    // Without the two pragmas every write waits for the disk, and short activities run three times slower. In the file's own
    // folder, since the path becomes part of a URL without being escaped.
    ...(dbFile === undefined
      ? []
      : [
          '--db-filename',
          basename(dbFile),
          '--sqlite-pragma',
          'journal_mode=wal',
          '--sqlite-pragma',
          'synchronous=normal',
          // Else prompts of deleted videos stay in the file until something else is written over them.
          '--sqlite-pragma',
          'secure_delete=on',
        ]),
    ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    ...[
      // A name that nothing has, for it cannot be switched off: any page could start and end workflows there.
      'frontend.httpAllowedHosts=["closed.invalid"]',
      // Fair between accounts; in exact order with one partition only.
      'matching.enableFairness=true',
      'matching.numTaskqueueReadPartitions=1',
      'matching.numTaskqueueWritePartitions=1',
      // All search attributes are there from the start: reading them anew for each call takes a sixth of its CPU time.
      'system.forceSearchAttributesCacheRefreshOnRead=false',
      // Its caches are made for clusters: they would keep every workflow of the last hour, in a laptop's memory.
      'history.hostLevelCacheMaxSize=256',
      'history.eventsHostLevelCacheMaxSizeBytes=4194304',
      // It would keep histories for other clusters, of which there are none.
      'history.xdcCacheMaxSizeBytes=1',
    ].flatMap((value) => ['--dynamic-config-value', value]),
  ];
}
