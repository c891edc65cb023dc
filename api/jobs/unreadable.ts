/** True for a memo of which something cannot be decrypted: it reads as null, which nothing else in it does. */
export function isUnreadable(memo: object | undefined): boolean {
  return Object.values(memo ?? {}).includes(null);
}
