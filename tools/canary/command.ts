/** `npm run check:canary -- --url http://…`: a few videos from a running service, held to what they should look like. */
import { parseArgs } from 'node:util';
import { runProcess } from '../../platform/process/run-process.ts';
import { withUsage } from '../../platform/config/user-error.ts';
import { Canary, type Sighting } from './canary.ts';
import { goldens, recordGoldens, REQUESTS } from './golden.ts';

const USAGE = `Usage: npm run check:canary -- --url http://host:port [--seconds 120] [--record]

Asks a running service for ${REQUESTS.length} short videos, one after the other, and fails where one does not come in time, does not
decode, has another size or length, shows nothing or, with mochi-tiny, looks otherwise than it should. The key is taken
from KINORA_API_KEY. The videos are deleted again.

  --seconds N  what each may take (default 120)
  --record     keeps how they look as what they should look like, from a service on a CPU`;

async function main(): Promise<number> {
  const { url, seconds, record } = argumentsOf(process.argv.slice(2));
  const canary = new Canary({ url, key: process.env['KINORA_API_KEY'], secondsEach: seconds });
  await canary.begin();
  const known = record ? [] : await goldens();
  const sightings: Sighting[] = [];
  for (const request of REQUESTS) {
    const golden = known.find((one) => JSON.stringify(one.request) === JSON.stringify(request)) ?? null;
    const sighting = await canary.try(request, golden);
    sightings.push(sighting);
    const { prompt, seconds: took, fault } = sighting;
    process.stdout.write(`${prompt}: ${took.toFixed(1)} s, ${fault ?? 'as it should be'}\n`);
  }
  process.stdout.write(`${canary.model} on ${canary.device}\n`);
  const good = sightings.every(({ fault }) => fault === null);
  if (record && good)
    await recordGoldens(REQUESTS.map((request, i) => ({ request, likeness: sightings[i]!.likeness! })));
  return good ? 0 : 1;
}

function argumentsOf(args: string[]): { url: string; seconds: number; record: boolean } {
  return withUsage(USAGE, () => {
    const options = {
      url: { type: 'string' },
      seconds: { type: 'string', default: '120' },
      record: { type: 'boolean', default: false },
    } as const;
    const { url, seconds, record } = parseArgs({ args, options }).values;
    if (url === undefined || !URL.canParse(url)) throw new Error('--url: give the address of a running service');
    if (!(Number(seconds) > 0)) throw new Error('--seconds takes a number above 0');
    return { url: url.replace(/\/$/, ''), seconds: Number(seconds), record };
  });
}

await runProcess(main);
