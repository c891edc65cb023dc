import { DefaultLogger } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';

/** Runs an activity as a worker does. */
export const inActivity = <T>(client: Client, activity: () => Promise<T>): Promise<T> =>
  new MockActivityEnvironment({}, { client, logger: new DefaultLogger('ERROR') }).run(activity) as Promise<T>;
