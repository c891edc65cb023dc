import { execFile } from 'node:child_process';

export interface Answer {
  code: number;
  /** Both outputs, errors last. */
  output: string;
}

/** kubectl, as one user of one cluster. */
export class Kubectl {
  /** kubectl itself. */
  readonly program: string;
  /** Says which cluster, and who asks. */
  readonly kubeconfig: string;

  constructor(program: string, kubeconfig: string) {
    this.program = program;
    this.kubeconfig = kubeconfig;
  }

  /** Runs kubectl; it fails by its code only. */
  kubectl(args: string[], input = ''): Promise<Answer> {
    return new Promise((resolve) => {
      const options = { env: { ...process.env, KUBECONFIG: this.kubeconfig }, maxBuffer: 64 << 20 };
      const child = execFile(this.program, args, options, (error, stdout, stderr) => {
        resolve({ code: error ? 1 : 0, output: stdout + stderr });
      });
      // It may end without having read it all.
      child.stdin!.on('error', () => {}).end(input);
    });
  }

  /** Runs kubectl. @throws Error with what it said where it fails */
  async must(args: string[], input?: string): Promise<string> {
    const { code, output } = await this.kubectl(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}:\n${output}`);
    return output;
  }
}
