import { useEffect, useReducer } from 'react';

/** Renders a component again every so many ms, so that what it says of the time stays true. */
export function useTicking(ms: number): void {
  const [, tick] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(tick, ms);
    return () => clearInterval(timer);
  }, [ms]);
}
