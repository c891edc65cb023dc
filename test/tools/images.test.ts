import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Engine, NoEngineError } from '../../tools/images/engine/engine.ts';
import { machineFiles } from '../../tools/images/stand-ins/machine.ts';

describe('npm run check:images', () => {
  it('uses the engine that DOCKER_HOST names, and no other where that one does not answer', async () => {
    const env = { ...process.env, DOCKER_HOST: `unix://${tmpdir()}/no-engine-${process.pid}.sock` };
    await expect(Engine.start(new AbortController().signal, env)).rejects.toThrow(NoEngineError);
    const named = { ...env, PATH: '' };
    await expect(Engine.start(new AbortController().signal, named)).rejects.toThrow(/DOCKER_HOST is set/);
  });

  it("builds behind this machine's proxy and with its certificate authorities, of which no image keeps a variable", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kinora-machine-'));
    try {
      const authorities = join(folder, 'authorities.pem');
      await writeFile(authorities, 'one of our own');
      const files = await machineFiles({
        NODE_EXTRA_CA_CERTS: authorities,
        HTTP_PROXY: 'http://proxy:1',
        https_proxy: 'http://proxy:2',
        NO_PROXY: 'inside',
        PIP_INDEX_URL: 'https://mirror/simple',
      });
      const inside = '/usr/local/share/machine/authorities.pem';
      expect(files[inside]).toBe('one of our own');
      const npm = files['/usr/local/etc/npmrc']!.split('\n');
      expect(npm).toEqual(
        expect.arrayContaining([
          `cafile=${inside}`,
          'proxy=http://proxy:1',
          'https-proxy=http://proxy:2',
          'noproxy=inside',
        ]),
      );
      expect(files['/etc/pip.conf']).toBe(
        `[global]\ncert=${inside}\nindex-url=https://mirror/simple\nproxy=http://proxy:2\n`,
      );
      expect(files['/etc/apt/apt.conf.d/90machine']).toContain('Acquire::http::Proxy "http://proxy:1";');
      expect(Object.keys(files)).toHaveLength(4);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
