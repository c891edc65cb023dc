import type { OutgoingHttpHeaders } from 'node:http';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { openApiDocument } from '../../../api/docs/document.ts';

/** A response as it went over the wire. */
export interface SeenResponse {
  method: string;
  /** Without the query. */
  path: string;
  status: number;
  headers: OutgoingHttpHeaders;
  body: string;
}

interface DescribedResponse {
  headers?: Record<string, { required?: boolean; schema: object }>;
  content?: Record<string, object>;
}
interface DescribedOperation {
  responses: Record<string, DescribedResponse>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
/** What an address may answer to methods that it does not take, and one that is not here to all. */
const REFUSALS = [
  'method_not_allowed',
  'unknown_url',
  'unsupported_endpoint',
  'invalid_api_key',
  'rate_limit_exceeded',
];

/** The API's description, and what it says of single responses. */
export class ApiDescription {
  readonly document = openApiDocument({ maxPromptChars: 4000, open: true });
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
  readonly #patterns: { path: string; pattern: RegExp }[];

  constructor() {
    addFormats.default(this.#ajv);
    // OpenAPI's, and no limit on what a string may hold.
    this.#ajv.addFormat('binary', true);
    this.#ajv.addSchema(this.document, 'api');
    this.#patterns = Object.keys(this.document.paths ?? {})
      // `/videos/retry` before `/videos/{id}`.
      .toSorted((one, other) => Number(one.includes('{')) - Number(other.includes('{')))
      .map((path) => ({ path, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`) }));
  }

  /** What is described, as `METHOD /path/{param}`. */
  get operations(): string[] {
    return Object.entries(this.document.paths ?? {}).flatMap(([path, item]) =>
      METHODS.filter((method) => method in item).map((method) => `${method.toUpperCase()} ${path}`),
    );
  }

  /** What is wrong with a response, one line each; nothing where it is as described. */
  faults(seen: SeenResponse): string[] {
    return this.#faults(seen).map((fault) => `${seen.method} ${seen.path} → ${seen.status}: ${fault}`);
  }

  #faults(seen: SeenResponse): string[] {
    if (typeof seen.headers['x-request-id'] !== 'string') return ['there is no x-request-id'];
    const path = this.#patterns.find(({ pattern }) => pattern.test(seen.path))?.path;
    const method = seen.method === 'HEAD' ? 'get' : seen.method.toLowerCase();
    const operation = path && (this.document.paths![path] as Record<string, DescribedOperation>)[method];
    if (!path || !operation) return undescribed(seen);
    const response = operation.responses[seen.status];
    if (!response) return [`the status is not described in api/http/openapi/paths (body: ${seen.body.slice(0, 300)})`];
    const at = ['paths', path, method, 'responses', String(seen.status)];
    return [
      ...this.#headerFaults(seen, response, at),
      ...(seen.method === 'HEAD' ? [] : this.#bodyFaults(seen, response, at)),
    ];
  }

  #headerFaults({ headers }: SeenResponse, response: DescribedResponse, at: string[]): string[] {
    return Object.entries(response.headers ?? {}).flatMap(([name, { required }]) => {
      const value = headers[name];
      if (value === undefined) return required ? [`there is no header ${name}`] : [];
      return this.#against([...at, 'headers', name, 'schema'], String(value), `the header ${name}`);
    });
  }

  #bodyFaults({ headers, body }: SeenResponse, response: DescribedResponse, at: string[]): string[] {
    const type = String(headers['content-type'] ?? '').split(';')[0]!;
    // A redirect may say in words where it goes.
    if (!response.content) return body === '' || headers['location'] ? [] : ['a body is not described'];
    if (!response.content[type]) return [`the content type ${type} is not described`];
    if (type === 'application/json') {
      return this.#against([...at, 'content', type, 'schema'], JSON.parse(body), 'the body');
    }
    if (type === 'text/event-stream') {
      const videos = [...body.matchAll(/^event: video\nid: .+\ndata: (.+)\n\n/gm)].map((match) => match[1]!);
      return videos.flatMap((video) =>
        this.#against(['components', 'schemas', 'Video'], JSON.parse(video), 'an event'),
      );
    }
    return [];
  }

  #against(at: string[], value: unknown, what: string): string[] {
    const pointer = at.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
    const validate = this.#ajv.getSchema(`api#/${pointer}`) as ValidateFunction;
    if (validate(value)) return [];
    const reasons = this.#ajv.errorsText(validate.errors, { dataVar: what });
    return [`${reasons} ${JSON.stringify(validate.errors?.map(({ params }) => params))}`];
  }
}

/** What is wrong with the answer to an operation that is not described: it may only be a refusal, or the page's files. */
function undescribed({ method, path, status, headers, body }: SeenResponse): string[] {
  if (method === 'OPTIONS' && status === 204) return typeof headers['allow'] === 'string' ? [] : ['there is no Allow'];
  if (status < 300 || status === 304) {
    const ofThePage = !path.startsWith('/v1/') && !String(headers['content-type']).includes('json');
    return ofThePage ? [] : ['the route is not described in api/http/openapi/paths'];
  }
  const code = method === 'HEAD' ? null : (JSON.parse(body) as { error?: { code?: string } }).error?.code;
  if (code !== null && !REFUSALS.includes(code ?? '')) return [`the route is not described: ${body}`];
  return status === 405 && typeof headers['allow'] !== 'string' ? ['there is no Allow'] : [];
}
