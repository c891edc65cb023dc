import { useEffect, useState } from 'react';
import { ApiError, UnreachableError } from '../client/api-error.ts';
import { useSession } from './use-service.ts';

const isOutage = (failure: unknown) =>
  failure instanceof UnreachableError || (failure instanceof ApiError && failure.status >= 500);

/** The failure of the last request. That of an outage is cleared when the outage ends. */
export function useFailure(): [unknown, (failure: unknown) => void] {
  const [failure, setFailure] = useState<unknown>(null);
  const { reachable } = useSession();
  useEffect(() => {
    if (reachable) setFailure((old: unknown) => (isOutage(old) ? null : old));
  }, [reachable]);
  return [failure, setFailure];
}
