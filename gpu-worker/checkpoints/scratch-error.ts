/** The scratch store failed, not the model. The cause is what it failed with. */
export class ScratchError extends Error {
  override readonly name = 'ScratchError';

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Marks the errors of a call of the store, so that they are told from the model's. @throws ScratchError */
export async function ofScratch<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw new ScratchError(error);
  }
}
