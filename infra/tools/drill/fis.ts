import { setTimeout as pause } from 'node:timers/promises';
import { AwsClient } from 'aws4fetch';
import * as v from 'valibot';
import { messageOf } from '../../../client/command/describe.ts';
import type { Credentials } from '../../../client/options.ts';
import { readLimited } from '../../../client/read-limited.ts';
import { DrillError, type Fault, type FaultState } from './fault.ts';

export interface FisFaultParts {
  readonly name: string;
  readonly region: string;
  readonly templateId: string;
  /** Unique name of the drill. A repeated start with the same name starts no second experiment. */
  readonly run: string;
  readonly credentials: () => Promise<Credentials>;
  /** Base URL instead of the Region's own. */
  readonly url?: string | undefined;
  /** Longest time for a request, in milliseconds. */
  readonly timeoutMs?: number;
  /** Time between two tries, in milliseconds. */
  readonly pauseMs?: number;
}

/** FIS may be unable to use a new role for up to a minute. */
const MAX_START_TRIES = 12;
const MAX_STOP_TRIES = 24;
/** The list of experiments may lack one that has just started. */
const MAX_FIND_TRIES = 3;
const MAX_PAGES = 10;
/** Answers hold the whole template, with its targets. */
const MAX_ANSWER_BYTES = 512 * 1024;
const TAG = 'TwinbankDrill';

const experimentSchema = v.object({
  id: v.string(),
  state: v.object({ status: v.string(), reason: v.optional(v.string()) }),
  tags: v.optional(v.record(v.string(), v.string())),
});
const oneSchema = v.object({ experiment: experimentSchema });
const listSchema = v.object({ experiments: v.array(experimentSchema), nextToken: v.nullish(v.string()) });
const refusalSchema = v.fallback(v.object({ message: v.string() }), { message: '' });

type Experiment = v.InferOutput<typeof experimentSchema>;

/** FIS refused a request, or its answer is missing or cannot be read. */
class FisError extends DrillError {
  /** True if the request may have been executed anyway. */
  readonly isUnclear: boolean;
  /** Name of AWS's exception. */
  readonly type: string;

  constructor(message: string, { status, type = '' }: { status?: number; type?: string } = {}) {
    super(status === undefined ? 'fis_unreachable' : 'fis_refused', message);
    this.isUnclear = status === undefined || status === 429 || status >= 500;
    this.type = type;
  }
}

/**
 * A fault that AWS Fault Injection Service injects, by an experiment template.
 *
 * See https://docs.aws.amazon.com/fis/latest/APIReference/API_StartExperiment.html and the other operations there.
 */
export class FisFault implements Fault {
  readonly name: string;
  readonly #parts: FisFaultParts;
  readonly #pauseMs: number;
  #id: string | undefined;
  /** A start had no answer, so an experiment with an unknown id may be running. */
  #mayHaveStarted = false;
  #isOver = false;

  constructor(parts: FisFaultParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#pauseMs = parts.pauseMs ?? 5000;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { templateId, run } = this.#parts;
    const body = { clientToken: run, experimentTemplateId: templateId, tags: { [TAG]: run } };
    let problem = 'the drill was interrupted';
    for (let tries = 1; tries <= MAX_START_TRIES && !signal.aborted; tries += 1) {
      try {
        const { experiment } = await this.#ask(oneSchema, 'POST', '/experiments', body);
        this.#id = experiment.id;
        return;
      } catch (error) {
        problem = messageOf(error);
        if (!(error instanceof FisError && (error.isUnclear || isRoleNotUsableYet(error)))) {
          break;
        }
        this.#mayHaveStarted ||= error.isUnclear;
      }
      await pause(this.#pauseMs, undefined, { signal }).catch(() => undefined);
    }
    throw new DrillError('fault_failed', `The fault was not started: ${problem}`);
  }

  async state(): Promise<FaultState> {
    if (this.#id === undefined) {
      return { kind: 'failed', reason: 'it was never started' };
    }
    try {
      const { experiment } = await this.#ask(oneSchema, 'GET', `/experiments/${this.#id}`);
      if (experiment.state.status === 'stopped' && !this.#isOver) {
        // The alarm of the template stops it if callers get no answers, which is what the drill tests for.
        const { reason: why = 'no reason is given' } = experiment.state;
        const reason = `the experiment ${this.#id} was not stopped by this drill: ${why}`;
        return { kind: 'failed', reason };
      }
      return stateOf(experiment);
    } catch (error) {
      // One request without an answer does not end a drill: the next one may get an answer.
      if (error instanceof FisError && error.isUnclear) {
        return { kind: 'running' };
      }
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    if (this.#id === undefined && !this.#mayHaveStarted) {
      return;
    }
    let problem = 'it does not end';
    for (let tries = 1; tries <= MAX_STOP_TRIES; tries += 1) {
      if (tries > 1) {
        await pause(this.#pauseMs);
      }
      try {
        this.#id ??= await this.#find();
        if (this.#id === undefined) {
          // FIS lists an experiment only some time after its start, so an empty list proves nothing.
          if (tries < MAX_FIND_TRIES) {
            continue;
          }
          problem = 'its start had no answer, and FIS lists no such experiment';
          break;
        }
        const path = `/experiments/${this.#id}`;
        // FIS refuses to stop an experiment that is stopping or has ended, so the state decides.
        const { experiment } = await this.#ask(oneSchema, 'DELETE', path).catch((error: unknown) => {
          problem = messageOf(error);
          return this.#ask(oneSchema, 'GET', path);
        });
        if (stateOf(experiment).kind !== 'running') {
          return;
        }
      } catch (error) {
        problem = messageOf(error);
      }
    }
    const { region, templateId } = this.#parts;
    const command =
      this.#id === undefined
        ? `aws fis list-experiments --region ${region} --experiment-template-id ${templateId}`
        : `aws fis stop-experiment --region ${region} --id ${this.#id}`;
    throw new DrillError(
      'fault_not_stopped',
      `The fault may still be active. Stop it by hand (${problem}): ${command}`,
    );
  }

  /** The experiment of a start that was never answered, by the drill's tag. */
  async #find(): Promise<string | undefined> {
    const { templateId, run } = this.#parts;
    const query = new URLSearchParams({ experimentTemplateId: templateId, maxResults: '100' });
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { experiments, nextToken } = await this.#ask(listSchema, 'GET', `/experiments?${query}`);
      const found = experiments.find(({ tags }) => tags?.[TAG] === run);
      if (found !== undefined || !nextToken) {
        return found?.id;
      }
      query.set('nextToken', nextToken);
    }
    return undefined;
  }

  async #ask<Schema extends v.GenericSchema>(
    schema: Schema,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<v.InferOutput<Schema>> {
    const { region, credentials, url, timeoutMs = 10_000 } = this.#parts;
    let response: Response;
    let text: string;
    try {
      const client = new AwsClient({ ...(await credentials()), service: 'fis', region, retries: 0 });
      response = await client.fetch((url ?? `https://fis.${region}.amazonaws.com`) + path, {
        method,
        ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
      text = await readLimited(response, MAX_ANSWER_BYTES);
    } catch (error) {
      throw new FisError(`FIS in ${region} cannot be reached: ${error}`);
    }
    const json = v.safeParse(v.pipe(v.string(), v.parseJson()), text);
    const { status } = response;
    if (!response.ok) {
      // A URL may follow the name, after a colon.
      const [type = ''] = response.headers.get('x-amzn-errortype')?.split(':') ?? [];
      const { message } = v.parse(refusalSchema, json.output);
      throw new FisError(`${type}: ${message || text.slice(0, 200)} (${status})`, { status, type });
    }
    const answer = v.safeParse(schema, json.output);
    if (!answer.success) {
      throw new FisError(`FIS gave an answer that cannot be read: ${text.slice(0, 200)}`);
    }
    return answer.output;
  }
}

/** True if FIS cannot assume the role of the template yet. A refusal because of the caller's own rights is an `AccessDeniedException`. */
function isRoleNotUsableYet({ type, message }: FisError): boolean {
  return type !== 'AccessDeniedException' && /\bassum/i.test(message);
}

/** States of an experiment: https://docs.aws.amazon.com/fis/latest/APIReference/API_ExperimentState.html. */
function stateOf({ id, state: { status, reason = status } }: Experiment): FaultState {
  switch (status) {
    case 'completed':
    case 'stopped':
      return { kind: 'ended' };
    case 'failed':
    case 'cancelled':
      return { kind: 'failed', reason: `the experiment ${id} ${status}: ${reason}` };
    default:
      return { kind: 'running' };
  }
}
