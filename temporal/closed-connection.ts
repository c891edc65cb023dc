import type { ConnectionOptions } from '@temporalio/client';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];
type Call = ReturnType<Interceptor>;

/** gRPC's CANCELLED, which Temporal's client does not try again. */
const CANCELLED = 1;

/**
 * Fails a call whose connection is closed, where gRPC throws. Temporal's client tries a call again from a timer, so that
 * what is thrown there would end the process: a shutdown while the server is away. Belongs after the client's retries.
 */
export const failWhenClosed: Interceptor = (options, nextCall) => {
  try {
    return nextCall(options) as Call;
  } catch (error) {
    return failedCall(error as Error) as Call;
  }
};

const failedCall = ({ message }: Error): Partial<Call> => ({
  start(metadata, listener) {
    listener?.onReceiveMessage?.(null);
    listener?.onReceiveStatus?.({ code: CANCELLED, details: message, metadata });
  },
  sendMessage: () => undefined,
  halfClose: () => undefined,
  startRead: () => undefined,
  cancelWithStatus: () => undefined,
  getPeer: () => '',
});
