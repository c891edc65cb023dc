export interface StopSignal {
  /** Resolves at the first Ctrl-C, SIGTERM or SIGHUP. */
  first: Promise<NodeJS.Signals>;
  /** Aborted at the same time. */
  signal: AbortSignal;
  /** What a second one does, for a user who does not want to wait. */
  onSecond(action: () => void): void;
}

/** The ways in which a command is asked to stop. */
export function stopSignal(): StopSignal {
  const controller = new AbortController();
  const actions: (() => void)[] = [];
  const first = new Promise<NodeJS.Signals>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        if (controller.signal.aborted) {
          for (const action of actions) action();
          return;
        }
        controller.abort();
        resolve(name);
      });
    }
  });
  return { first, signal: controller.signal, onSecond: (action) => void actions.push(action) };
}
