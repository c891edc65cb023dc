import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify, stripVTControlCharacters } from 'node:util';

/** Of what is told of a failure: ONNX Runtime can say pages. */
const LAST_LINES = 3;
const LINE_CHARACTERS = 500;

/**
 * Runs a program of `tools/bench/programs` in a process of its own.
 *
 * @returns the JSON of the last line of its standard output, and everything that it said beside
 * @throws Error with the end of what it said
 */
export async function runProgram(
  name: string,
  args: string[],
  environment: Record<string, string> = {},
): Promise<{ result: unknown; said: string }> {
  const program = fileURLToPath(new URL(`../../programs/${name}.js`, import.meta.url));
  const env = { ...process.env, ORT_DISABLE_TELEMETRY: '1', NVIDIA_TF32_OVERRIDE: '0', ...environment };
  const options = { env, maxBuffer: 1e9 };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...args], options).catch(
    (error: Error & { stderr?: string; signal?: string }) => {
      throw new Error(`${name} ended${error.signal ? ` by ${error.signal}` : ''}: ${endOf(error.stderr ?? '')}`);
    },
  );
  const lines = stdout.trimEnd().split('\n');
  const result = JSON.parse(lines.pop()!) as unknown;
  return { result, said: `${lines.join('\n')}\n${stderr}` };
}

/** Why a process ended, from what it said: its error where it named one, else its last lines. */
export function endOf(said: string): string {
  const lines = stripVTControlCharacters(said)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at |^Node\.js v/.test(line));
  const error = lines.findLastIndex((line) => /^\w*Error\b.*: /.test(line));
  const end = error < 0 ? lines.slice(-LAST_LINES) : lines.slice(error, error + LAST_LINES);
  return end.map((line) => line.slice(0, LINE_CHARACTERS)).join('\n') || 'it said nothing';
}
