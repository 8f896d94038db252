import { createServer, type IncomingHttpHeaders } from 'node:http';
import { listen, stopServer } from '../support/dead-endpoints.ts';

/** A request as it arrived. */
interface FisRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

/** How FIS answers instead: `hang` never does, `lose` does what is asked and cuts the connection. */
export type FisTrouble =
  | { readonly kind: 'hang' }
  | { readonly kind: 'lose' }
  | { readonly kind: 'refuse'; readonly status: number; readonly type: string; readonly message: string };

interface Experiment {
  readonly id: string;
  readonly tags: unknown;
  readonly template: unknown;
  readonly token: unknown;
  status: string;
  reason: string;
}

/** A real HTTP server that plays AWS Fault Injection Service: experiments start, are asked about, and stop. */
export class FakeFis implements AsyncDisposable {
  url = '';
  readonly requests: FisRequest[] = [];
  readonly experiments: Experiment[] = [];
  /** What the next requests meet, each in its turn; by method. */
  readonly troubles: { readonly method: string; readonly trouble: FisTrouble }[] = [];
  /** What the fault does to the world. */
  onStart: () => void = () => undefined;
  onStop: () => void = () => undefined;
  readonly #server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      const text = Buffer.concat(chunks).toString('utf8');
      const request = { method, path: url, headers, body: text === '' ? {} : JSON.parse(text) };
      this.requests.push(request);
      const trouble = this.#takeTrouble(method);
      if (trouble?.kind === 'hang') {
        return;
      }
      const { status, body, type } =
        trouble?.kind === 'refuse'
          ? { ...trouble, body: { message: trouble.message } }
          : { type: undefined, ...this.#handle(request) };
      if (trouble?.kind === 'lose') {
        response.destroy();
        return;
      }
      response.writeHead(status, {
        'content-type': 'application/json',
        ...(type === undefined ? {} : { 'x-amzn-errortype': `${type}:http://example.org/` }),
      });
      response.end(JSON.stringify(body));
    });
  });

  static async start(): Promise<FakeFis> {
    const fis = new FakeFis();
    fis.url = await listen(fis.#server);
    return fis;
  }

  /** Methods of the requests, in order. */
  get methods(): readonly string[] {
    return this.requests.map(({ method }) => method);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return stopServer(this.#server);
  }

  #takeTrouble(method: string): FisTrouble | undefined {
    const index = this.troubles.findIndex((each) => each.method === method);
    return index < 0 ? undefined : this.troubles.splice(index, 1)[0]?.trouble;
  }

  #handle({ method, path, body }: FisRequest): { status: number; body: object; type?: string } {
    if (method === 'POST' && path === '/experiments') {
      return this.#start(body);
    }
    if (method === 'GET' && path.startsWith('/experiments?')) {
      // Pages of one, so that a reader of the first page alone fails.
      const page = Number(new URL(path, this.url).searchParams.get('nextToken') ?? 0);
      const nextToken = page + 1 < this.experiments.length ? String(page + 1) : null;
      return {
        status: 200,
        body: { experiments: this.experiments.slice(page, page + 1).map(toBody), nextToken },
      };
    }
    const id = path.replace('/experiments/', '');
    const experiment = this.experiments.find((each) => each.id === id);
    if (experiment === undefined) {
      return { status: 404, type: 'ResourceNotFoundException', body: { message: `no experiment ${id}` } };
    }
    if (method === 'DELETE') {
      if (experiment.status !== 'running') {
        return { status: 400, type: 'ValidationException', body: { message: 'it is not running' } };
      }
      experiment.status = 'stopped';
      experiment.reason = 'Experiment stopped by user.';
      this.onStop();
    }
    return { status: 200, body: { experiment: toBody(experiment) } };
  }

  #start({ clientToken: token, experimentTemplateId: template, tags }: FisRequest['body']) {
    let experiment = this.experiments.find((each) => each.token === token);
    if (experiment === undefined) {
      const id = `EXP${this.experiments.length + 1}`;
      experiment = { id, tags, template, token, status: 'running', reason: 'Experiment is running.' };
      this.experiments.push(experiment);
      this.onStart();
    }
    return { status: 200, body: { experiment: toBody(experiment) } };
  }
}

function toBody({ id, tags, template, status, reason }: Experiment): object {
  return { id, experimentTemplateId: template, tags, state: { status, reason } };
}
