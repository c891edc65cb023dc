/**
 * For the environment of each process: glibc gives every thread a heap of its own, which keeps what that thread once needed.
 * Encoders and inference use many threads, and share two heaps instead. The images set it too.
 */
export const FEW_ARENAS = { MALLOC_ARENA_MAX: process.env['MALLOC_ARENA_MAX'] || '2' };
