/** Preloaded by processes whose memory is compared: at SIGUSR2 every thread collects its garbage. */
import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

// Else V8 leaves pages half empty, now these and now those: several MiB that are in no use.
setFlagsFromString('--compact-on-every-full-gc');

const others = new BroadcastChannel('collect garbage');
others.unref();
others.addEventListener('message', () => globalThis.gc!());
if (isMainThread) {
  process.on('SIGUSR2', () => {
    globalThis.gc!();
    others.postMessage(null);
  });
}
