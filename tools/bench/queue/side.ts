/** How a side's GPU worker is to be. */
export interface GpuWorkerOptions {
  /** What the stub takes in place of the model, in ms. @default 0 */
  stubMs?: number;
  /** Jobs at a time. @default 1, as with a real model */
  atOnce?: number;
}

/** A whole service of which only the model is missing: API, queue, workers, each a process of its own. */
export interface ServiceSide {
  /** `http://host:port`; `POST /v1/videos` takes a prompt, `GET /v1/videos/{id}` tells the status. */
  readonly url: string;
  /** Where its stubs write what they note. */
  readonly notes: string;
  /** Its processes, the workers' included; children are not named. */
  pids(): number[];
  /** Starts the one GPU worker there is, and waits until it takes work. */
  startGpuWorker(options?: GpuWorkerOptions): Promise<void>;
  /** Ends it and its children at once, with what they are doing. */
  killGpuWorker(): Promise<void>;
  stop(): Promise<void>;
}
