import type { S3Client } from '@aws-sdk/client-s3';
import { Circuit, CircuitOpenError, type CircuitOptions } from '../platform/flow/circuit.ts';
import { StoreDeniedError, StoreUnavailableError } from './object-store.ts';
import { isDenied, isOutage, reasonOf } from './s3-client.ts';
import { permissionOf } from './s3-permissions.ts';

/**
 * Puts a circuit breaker around all that a client asks of its server. A failure is a request that failed after the SDK's
 * own tries; a request that its caller aborts says nothing of the server. While the circuit is open requests fail at once, with
 * {@link StoreUnavailableError}. What the server denies fails with {@link StoreDeniedError}.
 *
 * @param url of the store, for messages
 */
export function leaveAloneWhenDown(client: S3Client, url: string, options: CircuitOptions): void {
  const circuit = new Circuit((error) => error.name !== 'AbortError' && isOutage(error), options);
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        try {
          return await circuit.run(() => next(args));
        } catch (error) {
          if (isDenied(error)) {
            const permission = permissionOf(commandName);
            throw new StoreDeniedError(permission, `${url} refuses ${permission}: ${reasonOf(error)}`, {
              cause: error,
            });
          }
          if (!(error instanceof CircuitOpenError)) throw error;
          const { message, cause } = error;
          throw new StoreUnavailableError(`${url} is ${message}: ${reasonOf(cause)}`, { cause });
        }
      },
    // The outermost step, around that of the tries.
    { step: 'initialize', priority: 'high', name: 'circuit' },
  );
}
