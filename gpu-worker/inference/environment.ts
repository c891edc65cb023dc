/** What drivers, libraries and Node read; no setting of the service is among it, least of all a secret. */
const NEEDED =
  /^(PATH|LD_LIBRARY_PATH|HOME|TMPDIR|TMP|TEMP|TZ|LANG|LC_.*|NODE_OPTIONS|XDG_CACHE_HOME|(CUDA|CUDNN|CUBLAS|NCCL|NVIDIA|ORT|OMP|KMP|MKL|GOMP|MALLOC)_.*)$/;

/** The variables of an environment that an inference process gets: its code reads files that others have made. */
export function inferenceEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => NEEDED.test(name)));
}
