import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { ConfigError } from '../../temporal/config.ts';

/**
 * A service that asks for no key may be reached from its own machine only.
 *
 * @throws ConfigError where it is bound to any other address, and nobody has said that this is meant
 */
export function assertNotExposed({ API_HOST, API_ALLOW_OPEN }: { API_HOST: string; API_ALLOW_OPEN: boolean }): void {
  if (API_ALLOW_OPEN || isLoopback(API_HOST)) return;
  throw new ConfigError(
    `API_HOST=${API_HOST} would let everyone who reaches this machine make videos and see all of them. Set API_KEYS_FILE (npm run keys makes one), or API_HOST to 127.0.0.1, or API_ALLOW_OPEN=true if something else keeps strangers out.`,
  );
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || (isIP(host) !== 0 && ipaddr.process(host).range() === 'loopback');
