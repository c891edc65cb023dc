/** The scratch store failed, not the model. The cause is what it failed with. */
export class ScratchError extends Error {
  override readonly name = 'ScratchError';

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Calls of the store whose errors are to be told from the model's. */
export async function ofScratch<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw new ScratchError(error);
  }
}
