/** What is used of the package, which brings no types. */
declare module 'fs-native-extensions' {
  /** Locks a whole open file for this process alone; the system takes the lock back when the process ends. False where it is taken. */
  export function tryLock(fd: number): boolean;
}
