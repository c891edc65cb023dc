/** What a device of a kind does before any job was measured. */
export interface Speed {
  /** TFLOP a second. */
  denoise: number;
  decode: number;
}

/** Two cores of a usual server. */
const CPU: Speed = { denoise: 0.05, decode: 0.05 };
/** One GPU of the class of an H100, in bfloat16. */
const GPU: Speed = { denoise: 350, decode: 120 };

/** @param kind `cpu`, or how many GPUs of which name, e.g. `2x NVIDIA H100 80GB HBM3` */
export function assumedSpeed(kind: string): Speed {
  if (kind === 'cpu') return CPU;
  const gpus = Number(/^(\d+)x /.exec(kind)?.[1] ?? 1);
  return { denoise: gpus * GPU.denoise, decode: gpus * GPU.decode };
}
