/** Preloaded by processes whose memory is compared: at SIGUSR2 every thread collects its garbage. */
import { isMainThread } from 'node:worker_threads';

const others = new BroadcastChannel('collect garbage');
others.unref();
others.addEventListener('message', () => globalThis.gc!());
if (isMainThread) {
  process.on('SIGUSR2', () => {
    globalThis.gc!();
    others.postMessage(null);
  });
}
