import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

/** What happens to the bytes of a link; `slow` holds each piece back, `stalled` all of them until it ends. */
export type LinkState = 'open' | 'cut' | 'slow' | 'stalled';

/** A TCP proxy that stands between two processes and fails as networks do. With several targets it takes turns. */
export class TcpLink {
  /** How long it holds each piece back while it is slow. */
  latencyMs = 300;
  readonly #server: Server;
  readonly #targets: readonly number[];
  readonly #sockets = new Set<Socket>();
  readonly #held: (() => void)[] = [];
  #state: LinkState = 'open';
  #turn = 0;

  private constructor(targets: readonly number[]) {
    this.#targets = targets;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  /** @param targets ports of this machine */
  static async open(targets: readonly number[]): Promise<TcpLink> {
    const link = new TcpLink(targets);
    await new Promise<void>((resolve) => link.#server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  set state(state: LinkState) {
    this.#state = state;
    if (state === 'cut') this.#destroyAll();
    if (state !== 'stalled') for (const pass of this.#held.splice(0)) pass();
  }

  async close(): Promise<void> {
    this.state = 'cut';
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    this.#watch(client);
    if (this.#state === 'cut') {
      client.destroy();
      return;
    }
    this.#connect(client, this.#targets.length);
  }

  /** The next target that takes the connection. */
  #connect(client: Socket, tries: number): void {
    const port = this.#targets[this.#turn++ % this.#targets.length]!;
    const target = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.#watch(target);
    const refused = () => {
      if (tries > 1 && !client.destroyed) this.#connect(client, tries - 1);
      else client.destroy();
    };
    target.once('error', refused).once('connect', () => {
      target.off('error', refused);
      this.#pump(client, target);
      this.#pump(target, client);
    });
  }

  #pump(from: Socket, to: Socket): void {
    // One piece at a time, so that none overtakes another.
    from.on('data', (piece) => {
      from.pause();
      this.#pass(() => to.destroyed || to.write(piece, () => from.resume()));
    });
    from.once('end', () => this.#pass(() => to.end()));
    from.once('close', () => this.#pass(() => to.destroySoon()));
  }

  #pass(action: () => void): void {
    if (this.#state === 'stalled') this.#held.push(action);
    else if (this.#state === 'slow') setTimeout(action, this.latencyMs);
    else action();
  }

  #watch(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {}).once('close', () => this.#sockets.delete(socket));
  }

  #destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
