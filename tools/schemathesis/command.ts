/** `npm run check:schemathesis`: the long round of test/api/fuzz.test.ts, with Schemathesis fetched where it is not there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonVenv } from '../harness/python-venv.ts';

const VERSION = '4.32.5';
const VITEST = fileURLToPath(new URL('../../../node_modules/vitest/vitest.mjs', import.meta.url));

const programs = await pythonVenv(`schemathesis-${VERSION}`, (pip) => {
  process.stderr.write('Installing Schemathesis, once …\n');
  return pip(`schemathesis==${VERSION}`);
});
const env = { SCHEMATHESIS: join(programs, 'st'), ...process.env };
const vitest = spawn(process.execPath, [VITEST, 'run', 'api/fuzz'], { env, stdio: 'inherit' });
[process.exitCode] = (await once(vitest, 'close')) as [number];
