import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from '../patience.ts';

/** `fetch` as real clients do it: where the answer is 503 and says when to come again, the same request is sent then. */
export const patientFetch: typeof fetch = async (url, init) => {
  for (const end = Date.now() + PATIENCE_MS; ;) {
    const response = await fetch(url, init);
    const later = response.headers.get('retry-after');
    if (response.status !== 503 || later === null || Date.now() > end) return response;
    await response.body?.cancel();
    await sleep(Number(later) * 1000);
  }
};
