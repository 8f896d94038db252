import type { Environment } from '../../client/environment.ts';
import { sleep } from '../../client/timers.ts';
import { DrillError } from './errors.ts';
import type { Fault, FaultState } from './fault.ts';
import { type Experiment, type Fis, FisError } from './fis.ts';

/** What a fault of FIS is made of. */
export interface FisFaultParts {
  readonly name: string;
  readonly fis: Fis;
  readonly region: string;
  readonly templateId: string;
  /** Name of the drill, which no other one has. It keeps a repeated start from starting twice. */
  readonly run: string;
  readonly environment: Environment;
  /** Time between two questions to FIS, in milliseconds. Default 5000. */
  readonly pauseMs?: number;
}

/** A role that was created a moment ago may not be usable yet, for as long as a minute. */
const MAX_ROLE_TRIES = 12;
const MAX_UNCLEAR_TRIES = 4;
const MAX_STOP_TRIES = 24;
/** A list may be a moment behind what it lists. */
const MAX_FIND_TRIES = 3;
const TAG = 'TwinbankDrill';
const NOBODY = new AbortController().signal;

/** A fault that an experiment template of AWS Fault Injection Service makes. */
export class FisFault implements Fault {
  readonly name: string;
  readonly #parts: FisFaultParts;
  readonly #pauseMs: number;
  #id: string | undefined;
  /** A start was asked for, and no answer came: there may be an experiment whose id is not known. */
  #mayHaveStarted = false;
  /** It is to end, or has ended, at the drill's own wish. */
  #isOver = false;

  constructor(parts: FisFaultParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#pauseMs = parts.pauseMs ?? 5000;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { fis, templateId, run, environment } = this.#parts;
    let unclear = 0;
    for (let tries = 1; ; tries += 1) {
      try {
        const { id } = await fis.start(templateId, run, { [TAG]: run });
        this.#id = id;
        return;
      } catch (error) {
        if (!(error instanceof FisError)) throw error;
        if (error.isUnclear) {
          this.#mayHaveStarted = true;
          unclear += 1;
        }
        const again = error.isUnclear
          ? unclear < MAX_UNCLEAR_TRIES
          : isRoleNotUsableYet(error) && tries < MAX_ROLE_TRIES;
        if (!again || signal.aborted) {
          throw new DrillError('fault_failed', `The fault was not started: ${error.message}`, {
            cause: error,
          });
        }
      }
      await sleep(this.#pauseMs, environment, signal);
    }
  }

  async state(): Promise<FaultState> {
    if (this.#id === undefined) return { kind: 'failed', reason: 'it was never started' };
    try {
      const experiment = await this.#parts.fis.get(this.#id);
      if (experiment.state.status === 'stopped' && !this.#isOver) {
        // Its alarm stops it when calls go on being unanswered, which is what the drill was to find out.
        const { reason = 'no reason is given' } = experiment.state;
        return {
          kind: 'failed',
          reason: `the experiment ${this.#id} was not stopped by this drill: ${reason}`,
        };
      }
      return stateOf(experiment);
    } catch (error) {
      // One question that was not answered is no reason to break a drill off: the next one may be.
      if (error instanceof FisError && error.isUnclear) return { kind: 'running' };
      throw error;
    }
  }

  async stop(): Promise<void> {
    const { fis, environment } = this.#parts;
    this.#isOver = true;
    let problem = 'it does not end';
    let isAsked = false;
    for (let tries = 1; tries <= MAX_STOP_TRIES; tries += 1) {
      if (tries > 1) await sleep(this.#pauseMs, environment, NOBODY);
      try {
        this.#id ??= await this.#findLost();
        if (this.#id === undefined) {
          if (!this.#mayHaveStarted || tries >= MAX_FIND_TRIES) return;
          continue;
        }
        // An experiment that has ended by itself cannot be stopped, so that whatever comes of it its state decides.
        if (!isAsked) {
          await fis.stop(this.#id).catch((error: unknown) => {
            problem = messageOf(error);
          });
        }
        const state = stateOf(await fis.get(this.#id));
        if (state.kind !== 'running') return;
        isAsked = state.isStopping;
      } catch (error) {
        problem = messageOf(error);
      }
    }
    throw this.#notStopped(problem);
  }

  /** Finds the experiment of a start that was never answered. */
  async #findLost(): Promise<string | undefined> {
    if (!this.#mayHaveStarted) return undefined;
    const found = await this.#parts.fis.find(this.#parts.templateId, TAG, this.#parts.run);
    return found?.id;
  }

  #notStopped(problem: string): DrillError {
    const { region, templateId } = this.#parts;
    const command =
      this.#id === undefined
        ? `aws fis list-experiments --region ${region} --experiment-template-id ${templateId}`
        : `aws fis stop-experiment --region ${region} --id ${this.#id}`;
    return new DrillError(
      'fault_not_stopped',
      `The fault may still be there, and has to be stopped by hand (${problem}): ${command}`,
    );
  }
}

/** A refusal is about the role that FIS takes on, not about whoever asks, when it says that it cannot be assumed. */
function isRoleNotUsableYet({ type, message }: FisError): boolean {
  return type !== 'AccessDeniedException' && /\bassum/i.test(message);
}

function messageOf(error: unknown): string {
  if (!(error instanceof FisError)) throw error;
  return error.message;
}

/** States of an experiment: https://docs.aws.amazon.com/fis/latest/APIReference/API_ExperimentState.html. */
function stateOf({ id, state: { status, reason = status } }: Experiment) {
  switch (status) {
    case 'completed':
    case 'stopped':
      return { kind: 'ended' } as const;
    case 'failed':
    case 'cancelled':
      return { kind: 'failed', reason: `the experiment ${id} ${status}: ${reason}` } as const;
    default:
      return { kind: 'running', isStopping: status === 'stopping' } as const;
  }
}
