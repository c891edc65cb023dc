/** A key or prefix that a store does not take; never worth a retry. */
export class InvalidKeyError extends Error {
  override readonly name = 'InvalidKeyError';
}

/** A name of a key: no leading dot, so that neither `..` nor a store's own hidden files can be named. */
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** @throws InvalidKeyError */
export function assertKey(key: string): void {
  if (key.length > 900 || !key.split('/').every((name) => NAME.test(name) && name.length <= 200)) {
    throw new InvalidKeyError(`Not a key of '/'-separated names of [A-Za-z0-9._-]: ${JSON.stringify(key)}`);
  }
}

/** @throws InvalidKeyError where `prefix` is neither empty nor a key followed by `/`. */
export function assertPrefix(prefix: string): void {
  if (prefix === '') return;
  if (!prefix.endsWith('/')) throw new InvalidKeyError(`A prefix must end in '/': ${JSON.stringify(prefix)}`);
  assertKey(prefix.slice(0, -1));
}
