import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const openssl = (...args: string[]) => promisify(execFile)('openssl', args);

/** Paths of PEM files. */
export interface Certificate {
  cert: string;
  key: string;
}

/** Certificates of this test run, made by openssl. */
export class Authority {
  readonly #folder: string;
  readonly #own: Certificate;

  private constructor(folder: string, own: Certificate) {
    this.#folder = folder;
    this.#own = own;
  }

  /** Path of its own certificate. */
  get cert(): string {
    return this.#own.cert;
  }

  static async create(folder: string, name: string): Promise<Authority> {
    const own = files(folder, name);
    await openssl('req', '-x509', ...newKey(own), '-days', '2', '-subj', `/CN=${name}`, '-out', own.cert);
    return new Authority(folder, own);
  }

  /** A certificate for a host, or, with any name, for a client. */
  async issue(name: string): Promise<Certificate> {
    const made = files(this.#folder, name);
    const request = join(this.#folder, `${name}.csr`);
    const extensions = join(this.#folder, `${name}.ext`);
    await writeFile(extensions, `subjectAltName=DNS:${name}\n`);
    await openssl('req', ...newKey(made), '-subj', `/CN=${name}`, '-out', request);
    // Not a file of serial numbers, which two at once would spoil.
    const serial = `0x${randomBytes(8).toString('hex')}`;
    const signer = ['-CA', this.#own.cert, '-CAkey', this.#own.key, '-set_serial', serial];
    await openssl('x509', '-req', '-in', request, ...signer, '-days', '2', '-extfile', extensions, '-out', made.cert);
    return made;
  }
}

const newKey = ({ key }: Certificate) => [
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:P-256',
  '-nodes',
  '-keyout',
  key,
];
const files = (folder: string, name: string) => ({
  cert: join(folder, `${name}.pem`),
  key: join(folder, `${name}.key`),
});
