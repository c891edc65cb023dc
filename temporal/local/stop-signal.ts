export interface StopSignal {
  /** Resolves at the first Ctrl-C, SIGTERM or SIGHUP. */
  first: Promise<NodeJS.Signals>;
  /** Aborted at the same time. */
  signal: AbortSignal;
  /** What a second one does, for someone who does not want to wait. */
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
  endWithNpm();
  return { first, signal: controller.signal, onSecond: (action) => void actions.push(action) };
}

/** npm hands a SIGTERM on to its shell only, which dies of it and leaves us behind; that the parent is another one shows it. */
function endWithNpm(): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  timer.unref();
}
