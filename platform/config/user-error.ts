/** An error that the user can put right: its message says how, and is shown without a stack. */
export class UserError extends Error {}

/**
 * Reads a command's arguments.
 *
 * @param usage shown below what is wrong with them
 * @throws UserError where `read` throws
 */
export function withUsage<T>(usage: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UserError(`${(error as Error).message}\n\n${usage}`);
  }
}
