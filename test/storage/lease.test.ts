import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Lease, LeaseLostError } from '../../storage/lease.ts';
import { LocalStore } from '../../storage/local.ts';
import type { ObjectInfo } from '../../storage/object-store.ts';

const KEY = 'videos/v/checkpoint.bin';
const TIMEOUT_MS = 10_000;

let folder: string;
let now: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-lease-'));
  now = Date.now();
  vi.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

/** The process stands still for longer than Temporal waits for it. */
const standStill = () => void (now += TIMEOUT_MS + 1);

/** A store after whose writes something happens before the caller hears of them. */
class Store extends LocalStore {
  afterPut: () => unknown = () => {};

  override async put(...args: Parameters<LocalStore['put']>): Promise<ObjectInfo> {
    const stored = await super.put(...args);
    await this.afterPut();
    return stored;
  }
}
const contentOf = async (store: LocalStore) => await text((await store.get(KEY)).body);

describe('an attempt whose job was given to another', () => {
  it('leaves nothing of what it was writing, for nobody would delete it after the clean-up', async () => {
    const store = new Store(folder);
    const lease = new Lease(TIMEOUT_MS);
    store.afterPut = standStill;
    await expect(lease.put(store, KEY, Buffer.from('late'))).rejects.toThrow(LeaseLostError);
    expect(await store.head(KEY)).toBeNull();
  });

  it('leaves an earlier version of the file as it is', async () => {
    const store = new Store(folder);
    const lease = new Lease(TIMEOUT_MS);
    await lease.put(store, KEY, Buffer.from('earlier'));
    standStill();
    await expect(lease.put(store, KEY, Buffer.from('late'))).rejects.toThrow(LeaseLostError);
    expect(await contentOf(store)).toBe('earlier');
  });

  it('leaves what the other attempt has written meanwhile', async () => {
    const store = new Store(folder);
    const lease = new Lease(TIMEOUT_MS);
    store.afterPut = async () => {
      standStill();
      await new LocalStore(folder).put(KEY, Buffer.from('of the other'));
    };
    await expect(lease.put(store, KEY, Buffer.from('late'))).rejects.toThrow(LeaseLostError);
    expect(await contentOf(store)).toBe('of the other');
  });

  it('leaves nothing that lands after its own end', async () => {
    const store = new Store(folder);
    const lease = new Lease();
    store.afterPut = () => lease.release();
    await expect(lease.put(store, KEY, Buffer.from('late'))).rejects.toThrow(LeaseLostError);
    expect(await store.head(KEY)).toBeNull();
  });

  it('does not come back by a late heartbeat, and is told to stop', () => {
    const lease = new Lease(TIMEOUT_MS);
    standStill();
    expect(lease.renew()).toBe(false);
    expect(() => lease.assertHeld()).toThrow(LeaseLostError);
    expect(lease.signal.reason).toBeInstanceOf(LeaseLostError);
  });
});

describe('an attempt that is heard of in time', () => {
  it('goes on writing for as long as its heartbeats do', async () => {
    const store = new Store(folder);
    const lease = new Lease(TIMEOUT_MS);
    for (let beat = 0; beat < 3; beat++) {
      now += TIMEOUT_MS;
      expect(lease.renew()).toBe(true);
    }
    await lease.put(store, KEY, Buffer.from('kept'));
    expect(await contentOf(store)).toBe('kept');
  });

  it('has a lease that began when Temporal was asked, not when it answered', () => {
    const lease = new Lease(TIMEOUT_MS, now - TIMEOUT_MS - 1);
    expect(lease.held).toBe(false);
  });
});
