/** `npm run check:schemathesis`: the long round of test/api/fuzz.test.ts, with Schemathesis fetched where it is not there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonVenv } from '../harness/python-venv.ts';

const VERSION = '4.32.5';
const JEST = fileURLToPath(new URL('../../../node_modules/jest/bin/jest.js', import.meta.url));

const programs = await pythonVenv(`schemathesis-${VERSION}`, (pip) => {
  process.stderr.write('Installing Schemathesis, once …\n');
  return pip(`schemathesis==${VERSION}`);
});
const words = ['--experimental-vm-modules', '--no-warnings', JEST, 'api/fuzz'];
const env = { SCHEMATHESIS: join(programs, 'st'), ...process.env };
const jest = spawn(process.execPath, words, { env, stdio: 'inherit' });
[process.exitCode] = (await once(jest, 'close')) as [number];
