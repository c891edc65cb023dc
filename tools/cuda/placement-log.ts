/** What is known of one component's session once it was made, or was not. */
export interface Placed {
  name: string;
  /** Nodes by execution provider. */
  nodes: Record<string, number>;
  /** Device memory asked for and kept, bytes. */
  bytes: number;
  /** Why there is no session. */
  refused?: string;
}

/**
 * Reads what place.ts, ONNX Runtime and the stub CUDA libraries said.
 *
 * @throws Error where the log breaks off, with its last lines
 */
export function parsePlacementLog(log: string): Placed[] {
  const components: Placed[] = [];
  const pieces = new Map<string, { of: Placed; bytes: number }>();
  let ended = false;
  for (const line of log.split('\n')) {
    const current = components.at(-1);
    const [, began] = /^place begin (.+)$/.exec(line) ?? [];
    const [, refused] = /^place refused [^:]+: (.+)$/.exec(line) ?? [];
    const [, provider, count] = /placed on \[(\w+)\]\. Number of nodes: (\d+)/.exec(line) ?? [];
    const [, asked, pointer] = /^stub-cuda malloc \d+ (\d+) (\w+)$/.exec(line) ?? [];
    const [, freed] = /^stub-cuda free (\w+)$/.exec(line) ?? [];
    if (began !== undefined) components.push({ name: began, nodes: {}, bytes: 0 });
    if (current === undefined) continue;
    if (refused !== undefined) current.refused = refused;
    if (provider !== undefined) current.nodes[provider] = (current.nodes[provider] ?? 0) + Number(count);
    if (asked !== undefined) {
      const bytes = Number(asked);
      pieces.set(pointer!, { of: current, bytes });
      current.bytes += bytes;
    }
    const piece = pieces.get(freed ?? '');
    if (piece !== undefined) {
      piece.of.bytes -= piece.bytes;
      pieces.delete(freed!);
    }
    ended ||= line === 'place end';
  }
  if (!ended) throw new Error(`the placement broke off:\n${log.trimEnd().split('\n').slice(-10).join('\n')}`);
  return components;
}
