/** One instruction of a Dockerfile, its continuation lines joined. */
export interface Instruction {
  name: string;
  /** Flags such as `--from=build`. */
  flags: Record<string, string>;
  /** What follows them. */
  text: string;
  line: number;
}

export interface Stage {
  name: string;
  /** Another stage's name, or an image. */
  base: string;
  instructions: Instruction[];
}

/** Reads the instructions that the project's Dockerfile uses. */
export function parseDockerfile(text: string): Stage[] {
  const stages: Stage[] = [];
  const args = new Map<string, string>();
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [, name = '', given = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === '' || line.endsWith('\\')) throw new Error(`Dockerfile:${index + 1}: not understood: ${line}`);
    const [, flagText = '', rest = ''] = /^((?:--\S+\s+)*)(.*)$/.exec(given)!;
    const flags = Object.fromEntries(
      [...flagText.matchAll(/--([a-z-]+)=(\S+)/g)].map(([, key, value]) => [key!, value!]),
    );
    if (name === 'ARG' && stages.length === 0) {
      const [key, value] = rest.split('=', 2);
      args.set(key!, value!);
    } else if (name === 'FROM') {
      const [image = '', , stage = ''] = rest.split(/\s+/);
      stages.push({ name: stage, base: image.replace(/\$\{(\w+)\}/, (_, key) => args.get(key)!), instructions: [] });
    } else {
      stages.at(-1)!.instructions.push({ name, flags, text: rest, line: index + 1 });
    }
  }
  return stages;
}
