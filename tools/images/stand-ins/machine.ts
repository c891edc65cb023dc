import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Where the certificate authorities lie in a stand-in. */
const AUTHORITIES = '/usr/local/share/machine/authorities.pem';

/**
 * How this machine reaches package registries, as files for a stand-in: its certificate authorities, its proxies, its
 * mirrors. Nothing of it is an environment variable, which images built upon it would keep.
 *
 * @returns content by path from the root
 */
export async function machineFiles(env: NodeJS.ProcessEnv = process.env): Promise<Record<string, string>> {
  const bundle = env['NODE_EXTRA_CA_CERTS'] || env['SSL_CERT_FILE'] || '/etc/ssl/certs/ca-certificates.crt';
  const authorities = await readFile(bundle, 'utf8').catch(() => null);
  const proxy = (name: string) => env[`${name}_PROXY`] || env[`${name.toLowerCase()}_proxy`];
  const [http, https, none] = ['HTTP', 'HTTPS', 'NO'].map(proxy);
  const registry = await promisify(execFile)('npm', ['config', 'get', 'registry']).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
  const cafile = authorities === null ? undefined : AUTHORITIES;
  return {
    ...(authorities !== null && { [AUTHORITIES]: authorities }),
    '/usr/local/etc/npmrc': lines({ cafile, registry, proxy: http, 'https-proxy': https, noproxy: none }),
    '/etc/pip.conf': `[global]\n${lines({ cert: cafile, 'index-url': env['PIP_INDEX_URL'], proxy: https })}`,
    '/etc/apt/apt.conf.d/90machine': [
      ...(http ? [`Acquire::http::Proxy "${http}";\n`] : []),
      ...(https ? [`Acquire::https::Proxy "${https}";\n`] : []),
    ].join(''),
  };
}

const lines = (settings: Record<string, string | undefined>) =>
  Object.entries(settings)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
