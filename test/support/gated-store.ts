import { LocalStore } from '../../storage/local.ts';
import type { ObjectInfo, PutOptions } from '../../storage/object-store.ts';

type Operation = 'getToFile' | 'putFile' | 'deletePrefix';

/** A local store whose operations can be held or made to fail, as a slow or broken network does. */
export class GatedStore extends LocalStore {
  /** Called before each operation; what it throws is the operation's error. Set by a test. */
  before: (operation: Operation, key: string, signal?: AbortSignal) => Promise<void> = async () => {};

  override async getToFile(key: string, path: string, signal?: AbortSignal): Promise<ObjectInfo> {
    await this.before('getToFile', key, signal);
    return await super.getToFile(key, path, signal);
  }

  override async putFile(key: string, path: string, options?: PutOptions): Promise<ObjectInfo> {
    await this.before('putFile', key, options?.signal);
    return await super.putFile(key, path, options);
  }

  override async deletePrefix(prefix: string): Promise<void> {
    await this.before('deletePrefix', prefix);
    await super.deletePrefix(prefix);
  }
}

/** Holds an operation until its signal aborts, and fails it then. */
export const untilAborted = (signal?: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
