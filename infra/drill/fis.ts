import { AwsV4Signer } from 'aws4fetch';
import * as v from 'valibot';
import type { Environment } from '../../client/environment.ts';
import type { Credentials } from '../../client/options.ts';
import { readLimited } from '../../client/read-limited.ts';
import { limitAttempt, unlessAborted } from '../../client/timers.ts';
import { DrillError } from './errors.ts';

/** Where AWS Fault Injection Service is, and how it is asked. */
export interface FisParts {
  readonly region: string;
  readonly credentials: () => Promise<Credentials>;
  readonly environment: Environment;
  /** Base URL instead of the Region's own. */
  readonly url?: string | undefined;
  /** Longest time for a request, in milliseconds. Default 10000. */
  readonly timeoutMs?: number;
}

/** An experiment, as far as a drill wants to know. */
export type Experiment = v.InferOutput<typeof experimentSchema>;

const experimentSchema = v.object({
  id: v.string(),
  state: v.object({ status: v.string(), reason: v.optional(v.string()) }),
  tags: v.optional(v.record(v.string(), v.string())),
});
const oneSchema = v.object({ experiment: experimentSchema });
const listSchema = v.object({
  experiments: v.array(experimentSchema),
  nextToken: v.nullish(v.string()),
});
const problemSchema = v.object({ message: v.optional(v.string()), Message: v.optional(v.string()) });

/** FIS said no, or said nothing that could be understood. */
export class FisError extends DrillError {
  /** HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  /** Name of the exception, such as `ValidationException`. */
  readonly type: string | undefined;

  constructor(
    message: string,
    { status, type, cause }: { status?: number; type?: string | undefined; cause?: unknown },
  ) {
    super(status === undefined ? 'fis_unreachable' : 'fis_refused', message, { cause });
    this.status = status;
    this.type = type;
  }

  /** True when the request may have been carried out all the same. */
  get isUnclear(): boolean {
    return this.status === undefined || this.status === 429 || this.status >= 500;
  }
}

/** Answers hold the whole template, with its targets. */
const MAX_ANSWER_BYTES = 512 * 1024;
const MAX_PAGES = 10;
/** What ends a request is its own time, so that an experiment can be stopped after everything else has been. */
const NOBODY = new AbortController().signal;

/**
 * The requests of AWS Fault Injection Service that a drill needs.
 *
 * See https://docs.aws.amazon.com/fis/latest/APIReference/API_StartExperiment.html and its neighbours.
 */
export class Fis {
  readonly #parts: FisParts;
  readonly #url: string;

  constructor(parts: FisParts) {
    this.#parts = parts;
    this.#url = (parts.url ?? `https://fis.${parts.region}.amazonaws.com`).replace(/\/+$/, '');
  }

  /** Starts an experiment. Asked again with the same token it starts no second one. */
  async start(
    experimentTemplateId: string,
    clientToken: string,
    tags: Readonly<Record<string, string>>,
  ): Promise<Experiment> {
    const body = { clientToken, experimentTemplateId, tags };
    return (await this.#ask(oneSchema, 'POST', '/experiments', body)).experiment;
  }

  async get(id: string): Promise<Experiment> {
    return (await this.#ask(oneSchema, 'GET', `/experiments/${encodeURIComponent(id)}`)).experiment;
  }

  async stop(id: string): Promise<Experiment> {
    return (await this.#ask(oneSchema, 'DELETE', `/experiments/${encodeURIComponent(id)}`)).experiment;
  }

  /** Finds an experiment of a template by one of its tags. */
  async find(experimentTemplateId: string, tag: string, value: string): Promise<Experiment | undefined> {
    let nextToken: string | null | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const query = new URLSearchParams({ experimentTemplateId, maxResults: '100' });
      if (nextToken) query.set('nextToken', nextToken);
      const answer = await this.#ask(listSchema, 'GET', `/experiments?${query}`);
      const found = answer.experiments.find(({ tags }) => tags?.[tag] === value);
      nextToken = answer.nextToken;
      if (found !== undefined || !nextToken) return found;
    }
    return undefined;
  }

  async #ask<Schema extends v.GenericSchema>(
    schema: Schema,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<v.InferOutput<Schema>> {
    const { environment, timeoutMs = 10_000 } = this.#parts;
    const limit = limitAttempt(timeoutMs, environment, NOBODY);
    let response: Response;
    let text: string;
    try {
      const signed = await unlessAborted(this.#sign(method, path, body), limit.signal);
      response = await environment.fetch(signed.url, {
        method,
        headers: signed.headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: limit.signal,
        redirect: 'manual',
      });
      text = await readLimited(response, MAX_ANSWER_BYTES);
    } catch (cause) {
      const reason = limit.signal.aborted ? `no answer within ${timeoutMs} ms` : String(cause);
      throw new FisError(`FIS in ${this.#parts.region} cannot be reached: ${reason}`, { cause });
    } finally {
      limit.release();
    }
    return read(schema, response, text);
  }

  async #sign(method: string, path: string, body: object | undefined) {
    const { credentials, environment, region } = this.#parts;
    const signer = new AwsV4Signer({
      method,
      url: this.#url + path,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      ...(await credentials()),
      service: 'fis',
      region,
      datetime: new Date(environment.wallClockMs()).toISOString().replace(/[:-]|\.\d{3}/g, ''),
    });
    const { url, headers } = await signer.sign();
    return { url: url.href, headers: Object.fromEntries(headers) };
  }
}

function read<Schema extends v.GenericSchema>(
  schema: Schema,
  { ok, status, headers }: Response,
  text: string,
): v.InferOutput<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  if (!ok) {
    const problem = v.safeParse(problemSchema, json);
    const said = problem.success ? (problem.output.message ?? problem.output.Message) : undefined;
    // The header may go on behind a colon, with the address of a description.
    const type = headers.get('x-amzn-errortype')?.split(':')[0];
    const message = `${[type, said ?? text.slice(0, 200)].filter(Boolean).join(': ')} (${status})`;
    throw new FisError(message, { status, type });
  }
  const answer = v.safeParse(schema, json);
  if (!answer.success) {
    // Whatever was asked may have been done.
    throw new FisError(`FIS gave an answer that cannot be read: ${text.slice(0, 200)}`, {});
  }
  return answer.output;
}
