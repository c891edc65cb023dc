import { useEffect, useReducer } from 'react';

/** Renders a component at this interval, for texts that depend on the time. */
export function useTicking(ms: number): void {
  const [, tick] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(tick, ms);
    return () => clearInterval(timer);
  }, [ms]);
}
